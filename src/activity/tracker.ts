import type { RoutingTable } from '../routes/table.ts';
import type { LogCursor, Store } from '../store/store.ts';
import { type Hit, isActivity, type ParseLine } from './hit.ts';
import { Probe } from './probe.ts';
import { establishedSockets, type Socket } from './sockets.ts';
import { Stats } from './stats.ts';
import { Tail } from './tail.ts';

export interface TrackerOptions {
  table: RoutingTable;
  store: Store;
  /** Access logs, each with its format. */
  logs: readonly { path: string; parse: ParseLine }[];
  /** Keys of the routes behind each backend's address (`127.0.0.1:9002`). */
  backends: () => ReadonlyMap<string, readonly string[]>;
  probeIntervalMs: number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  sockets?: () => Promise<Socket[]>;
  now?: () => number;
}

/** What the tracker says of itself in /status and /metrics. */
export interface TrackerStatus {
  readonly lines: number;
  /** Lines that no format could read. */
  readonly unreadable: number;
  /** Bytes of the logs that aren't read yet. */
  readonly backlog: number;
  /** Why open connections can't be seen, undefined when they can. */
  readonly blind: string | undefined;
}

const POLL_MS = 400;
const STORE_MS = 1_000;

/**
 * Moves `last_activity` and counts: reads the access logs as they grow, and looks at open connections, which write no line until
 * they end. Times and how far the logs were read go to the store in one transaction.
 */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #now: () => number;
  readonly #probe = new Probe();
  readonly #dirty = new Map<string, number>();
  /** When a log last named each key: decides between routes that share a backend. */
  readonly #logged = new Map<string, number>();
  readonly stats = new Stats();
  #tails: { path: string; tail: Tail; stored: LogCursor | undefined }[] = [];
  #timers: NodeJS.Timeout[] = [];
  #reading: Promise<void> | undefined;
  #lines = 0;
  #unreadable = 0;
  #blind: string | undefined;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async start(): Promise<void> {
    const cursors = await this.#options.store.cursors();
    this.#tails = this.#options.logs.map(({ path, parse }) => {
      const stored = cursors.get(path);
      return { path, stored, tail: new Tail(path, (line) => this.#line(parse(line)), stored) };
    });
    this.#every(POLL_MS, () => this.read());
    this.#every(STORE_MS, () => this.store());
    this.#every(this.#options.probeIntervalMs, () => this.look());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.read();
    await this.store();
    for (const { tail } of this.#tails) tail.close();
  }

  status(): TrackerStatus {
    const backlog = this.#tails.reduce((sum, { tail }) => sum + tail.backlog, 0);
    return { lines: this.#lines, unreadable: this.#unreadable, backlog, blind: this.#blind };
  }

  /** Reads all that is there, a slice at a time: the API gets its turn in between. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Writes what moved to the store; what can't be written now is tried again. */
  async store(): Promise<void> {
    const cursors = new Map<string, LogCursor>();
    for (const { path, tail, stored } of this.#tails) {
      const { cursor } = tail;
      if (cursor && (cursor.offset !== stored?.offset || cursor.inode !== stored.inode)) cursors.set(path, cursor);
    }
    if (this.#dirty.size === 0 && cursors.size === 0) return;
    const times = new Map(this.#dirty);
    try {
      await this.#options.store.touch(times, cursors);
    } catch (error) {
      this.#options.log.warn({ reason: (error as Error).message }, 'could not store when routes were last used');
      return;
    }
    for (const [key, time] of times) if (this.#dirty.get(key) === time) this.#dirty.delete(key);
    for (const one of this.#tails) one.stored = cursors.get(one.path) ?? one.stored;
  }

  /** Looks at open connections once. */
  async look(): Promise<void> {
    const { table, backends, sockets = establishedSockets, log } = this.#options;
    const known = backends();
    try {
      const { active, open } = this.#probe.look(await sockets(), (address) => known.has(address), this.#now());
      for (const [address, time] of active) {
        for (const key of this.#deciding(known.get(address) ?? [])) this.#touch(key, time);
      }
      const connections = new Map<string, number>();
      for (const [address, count] of open) for (const key of known.get(address) ?? []) connections.set(key, count);
      this.stats.setConnections(connections);
      this.#blind = undefined;
    } catch (error) {
      if (this.#blind === undefined) {
        log.warn(
          { reason: (error as Error).message },
          'open connections cannot be looked at: long websockets count as used only when they end; install iproute2 for `ss`',
        );
      }
      this.#blind = (error as Error).message;
    }
    const isThere = (key: string) => table.get(key) !== undefined;
    this.stats.retain(isThere);
    for (const key of this.#logged.keys()) if (!isThere(key)) this.#logged.delete(key);
  }

  async #read(): Promise<void> {
    for (const { tail } of this.#tails) {
      while (tail.poll()) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #line(hit: Hit | undefined): void {
    this.#lines++;
    if (!hit) {
      this.#unreadable++;
      return;
    }
    if (!this.#options.table.get(hit.key)) return;
    this.stats.add(hit);
    this.#logged.set(hit.key, hit.time);
    if (isActivity(hit)) this.#touch(hit.key, hit.time);
  }

  /** Never into the future: a clock may have been set back since the line was written. */
  #touch(key: string, time: number): void {
    const { table } = this.#options;
    const before = table.get(key)?.lastActivity ?? Number.POSITIVE_INFINITY;
    const capped = Math.min(time, this.#now());
    if (capped <= before) return;
    table.touch(key, capped);
    this.#dirty.set(key, capped);
  }

  /** Of routes that share a backend the one that a log named last; all of them while none was. */
  #deciding(keys: readonly string[]): readonly string[] {
    if (keys.length < 2) return keys;
    const named = keys.filter((key) => this.#logged.has(key));
    const time = (key: string) => this.#logged.get(key) ?? 0;
    return named.length === 0 ? keys : [named.reduce((a, b) => (time(b) > time(a) ? b : a))];
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
