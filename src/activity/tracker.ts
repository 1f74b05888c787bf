import { setImmediate as turn } from 'node:timers/promises';
import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { LogCursor, Store } from '../store/store.ts';
import { Complaint } from './complaint.ts';
import { type Hit, isSuccess, type ParseLine, SWITCHING } from './hit.ts';
import { Probe } from './probe.ts';
import type { Rotation } from './rotation.ts';
import { establishedSockets } from './sockets.ts';
import { Stats } from './stats.ts';
import { Tail } from './tail.ts';

/** An access log to be read. */
export interface Log {
  readonly path: string;
  readonly parse: ParseLine;
  /** Where it is ours to keep it small. */
  readonly rotation?: Rotation;
}

/** Routes behind one address. */
export interface Behind {
  readonly keys: readonly string[];
  readonly tls: boolean;
}

export interface TrackerOptions {
  table: RoutingTable;
  store: Store;
  logs: readonly Log[];
  /** By the backend's address (`127.0.0.1:9002`). */
  backends: () => ReadonlyMap<string, Behind>;
  probeIntervalMs: number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  sockets?: typeof establishedSockets;
  now?: () => number;
}

/** What the tracker says of itself in /status and /metrics. */
export interface TrackerStatus {
  readonly lines: number;
  /** Lines that no format could read. */
  readonly unreadable: number;
  /** Bytes of the logs that aren't read yet. */
  readonly backlogBytes: number;
  /** Why open connections can't be seen, null when they can. */
  readonly blind: string | null;
}

const POLL_MS = 400;
/** What a crash takes of the times is read again from the logs. */
const STORE_MS = 5_000;
/** What is read at the end; the next start goes on from there. */
const LAST_READ_MS = 200;
/** Lines without a useful one that make it likely that the format is another one. */
const SUSPICIOUS = 100;
/** Times in one transaction: some 20 ms without a turn for the API. */
const MOST_AT_ONCE = 5_000;

interface Source extends Log {
  readonly tail: Tail;
  readonly complaint: Complaint;
  stored: LogCursor | undefined;
  /** Lines of no use, until the first useful one; then undefined. */
  useless: number | undefined;
}

/**
 * Moves `last_activity` and counts: reads the access logs as they grow, and looks at open connections, which write no line until
 * they end. How far a log was read goes to the store with the last of the times that came from it, in one transaction.
 */
export class Tracker {
  readonly stats: Stats;
  readonly #options: TrackerOptions;
  readonly #now: () => number;
  readonly #probe = new Probe();
  readonly #blind = new Complaint();
  readonly #unstored = new Complaint();
  /** Whose times aren't stored yet. */
  #dirty = new Set<Entry>();
  /** When the slice that is being read was read. */
  #reached = 0;
  #backends: ReadonlyMap<string, Behind> = new Map();
  /** By key, of backends with single connections; made when a log line needs it. */
  #addresses: Map<string, string> | undefined;
  #sources: Source[] = [];
  #timers: NodeJS.Timeout[] = [];
  #reading: Promise<void> | undefined;
  #storing: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #readUntil = Number.POSITIVE_INFINITY;
  #lines = 0;
  #unreadable = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.stats = new Stats(this.#now());
  }

  async start(): Promise<void> {
    const cursors = await this.#options.store.cursors();
    this.#sources = this.#options.logs.map((log) => this.#open(log, cursors.get(log.path)));
    this.#every(POLL_MS, () => this.read());
    this.#every(STORE_MS, () => this.store());
    this.#every(this.#options.probeIntervalMs, () => this.look());
    void this.look();
  }

  /** Reads what there is, within a fraction of a second, and stores it. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#readUntil = performance.now() + LAST_READ_MS;
    await this.#reading;
    await this.read();
    await this.#storing;
    await this.store();
    for (const { tail } of this.#sources) tail.close();
  }

  status(): TrackerStatus {
    return {
      lines: this.#lines,
      unreadable: this.#unreadable,
      backlogBytes: this.#sources.reduce((sum, { tail }) => sum + tail.backlog, 0),
      blind: this.#blind.reason ?? null,
    };
  }

  /** Reads all that is there, a slice of each log in turn: the API gets its turn in between. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Writes what moved to the store; what can't be written now is tried again. */
  store(): Promise<void> {
    this.#storing ??= this.#store().finally(() => {
      this.#storing = undefined;
    });
    return this.#storing;
  }

  /** Looks at open connections once. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { table, backends, sockets = establishedSockets, log } = this.#options;
    const known = backends();
    this.#backends = known;
    try {
      const found = await sockets((peer) => known.has(peer));
      const isTls = (peer: string) => known.get(peer)?.tls === true;
      const { active, open } = this.#probe.look(found, this.#now(), isTls);
      this.#addresses = undefined;
      for (const [address, time] of active) {
        for (const key of this.#deciding(known.get(address)?.keys ?? []))
          this.#touch(table.get(key), time, this.#now());
      }
      const connections = new Map<string, number>();
      for (const [address, count] of open)
        for (const key of known.get(address)?.keys ?? []) connections.set(key, count);
      this.stats.setConnections(connections);
      this.#blind.end();
    } catch (error) {
      const { message } = error as Error;
      const isFirst = this.#blind.reason === undefined;
      this.#blind.isNews(message, this.#now());
      if (isFirst) {
        const hint = 'long websockets count as used only when they end; install iproute2, which has `ss`';
        log.warn({ reason: message }, `open connections cannot be looked at: ${hint}`);
      }
    }
    this.stats.retain((key) => table.get(key) !== undefined);
  }

  #open(log: Log, stored: LogCursor | undefined): Source {
    const onLine = (bytes: Buffer, from: number, to: number) => {
      const hit = log.parse(bytes, from, to);
      if (source.useless !== undefined) this.#doubt(source, hit);
      this.#line(hit);
    };
    const tail = new Tail(log.path, onLine, () => this.#line(undefined), stored);
    const source: Source = { ...log, stored, complaint: new Complaint(), tail, useless: 0 };
    return source;
  }

  #doubt(source: Source, hit: Hit | undefined): void {
    source.useless = hit || source.useless === undefined ? undefined : source.useless + 1;
    if (source.useless !== SUSPICIOUS) return;
    const { path } = source;
    this.#options.log.warn(
      { path },
      'no line of that log is of its format and of a route so far: see --activity-format',
    );
  }

  async #read(): Promise<void> {
    let more = true;
    while (more && performance.now() < this.#readUntil) {
      more = false;
      for (const source of this.#sources) more = this.#poll(source) || more;
      if (more) await turn();
    }
  }

  #poll({ path, tail, complaint, rotation, stored }: Source): boolean {
    try {
      this.#reached = this.#now();
      if (tail.poll(this.#reached)) return true;
      rotation?.step(tail, stored?.inode, this.#now());
      complaint.end();
    } catch (error) {
      const { message } = error as Error;
      if (complaint.isNews(message, this.#now())) {
        this.#options.log.warn({ path, reason: message }, 'an access log cannot be read or rotated');
      }
    }
    return false;
  }

  #line(hit: Hit | undefined): void {
    this.#lines++;
    if (!hit) {
      this.#unreadable++;
      return;
    }
    const entry = this.#options.table.get(hit.key);
    if (!entry) return;
    this.stats.add(hit);
    const time = this.#activityOf(hit);
    if (time !== undefined) this.#touch(entry, time, this.#reached);
  }

  /**
   * When the client was last active, as far as the request tells. What is active by its client's data alone is not so at its
   * end when a look at the sockets has seen all of that data, which may have come long before.
   */
  #activityOf(hit: Hit): number | undefined {
    if (isSuccess(hit)) return hit.time;
    if (!hit.sentData && hit.status !== SWITCHING) return undefined;
    const seen = this.#sawOf(hit);
    if (seen === 'all') return undefined;
    return hit.sentData || seen === 'less' ? hit.time : undefined;
  }

  #sawOf({ key, time, duration, backendBytes: bytes }: Hit): 'all' | 'less' | 'unknown' {
    const address = this.#addressOf(key);
    if (address === undefined || bytes === undefined || duration === undefined) return 'unknown';
    return this.#probe.sawOf(address, bytes, time - duration, time);
  }

  /** Of a route to whose backend single connections were seen; with TLS their bytes are not those of the log. */
  #addressOf(key: string): string | undefined {
    if (this.#addresses === undefined) {
      this.#addresses = new Map();
      for (const address of this.#probe.singles()) {
        const { keys, tls } = this.#backends.get(address) ?? { keys: [], tls: true };
        if (!tls) for (const one of keys) this.#addresses.set(one, address);
      }
    }
    return this.#addresses.get(key);
  }

  /** Never into the future: a clock may have been set back since the line was written. */
  #touch(entry: Entry | undefined, time: number, now: number): void {
    const capped = Math.trunc(Math.min(time, now));
    if (!entry || capped <= entry.lastActivity) return;
    entry.lastActivity = capped;
    this.#dirty.add(entry);
  }

  /**
   * The cursors are those of the moment in which the times were taken over, and are stored with the last of them: a crash in
   * between reads lines again, which moves no time, and skips none.
   */
  async #store(): Promise<void> {
    const cursors = new Map<string, LogCursor>();
    for (const { path, tail, stored } of this.#sources) {
      const { cursor } = tail;
      if (cursor && !isSame(cursor, stored)) cursors.set(path, cursor);
    }
    const moved = this.#dirty;
    if (moved.size === 0 && cursors.size === 0) return;
    this.#dirty = new Set();
    const { store, log } = this.#options;
    try {
      let part: [string, number][] = [];
      for (const { route, lastActivity } of moved) {
        if (part.length === MOST_AT_ONCE) {
          await store.touch(part);
          part = [];
          await turn();
        }
        part.push([route.key, lastActivity]);
      }
      await store.touch(part, cursors);
    } catch (error) {
      for (const entry of moved) this.#dirty.add(entry);
      const { message } = error as Error;
      if (this.#unstored.isNews(message, this.#now())) {
        log.warn({ reason: message }, 'could not store when routes were last used; tried again each second');
      }
      return;
    }
    this.#unstored.end();
    for (const source of this.#sources) source.stored = cursors.get(source.path) ?? source.stored;
  }

  /** Of routes that share a backend the one that a log named last; all of them while none was. */
  #deciding(keys: readonly string[]): readonly string[] {
    if (keys.length < 2) return keys;
    let last: string | undefined;
    let time = 0;
    for (const key of keys) {
      const logged = this.stats.logged(key);
      if (logged > time) [last, time] = [key, logged];
    }
    return last === undefined ? keys : [last];
  }

  #every(ms: number, task: () => Promise<void>): void {
    let running = false;
    const timer = setInterval(async () => {
      if (running) return;
      running = true;
      try {
        await task();
      } catch (error) {
        this.#options.log.warn({ reason: (error as Error).message }, 'a look at the activity failed');
      } finally {
        running = false;
      }
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }
}

function isSame(a: LogCursor, b: LogCursor | undefined): boolean {
  return b !== undefined && a.offset === b.offset && a.inode === b.inode && a.head === b.head;
}
