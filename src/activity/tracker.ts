import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { leadsToSocket } from '../routes/unix-target.ts';
import type { Cursors, LogCursor, Store } from '../store/store.ts';
import { Complaint } from '../system/complaint.ts';
import { guarded } from '../system/guarded.ts';
import type { Log } from '../system/log.ts';
import { Causes } from './causes.ts';
import { type Hit, isSuccess, type ParseLine, SWITCHING, UNROUTED } from './hit.ts';
import { LateRequests } from './late-requests.ts';
import { Lookout, type LookoutOptions, type Sight } from './lookout.ts';
import type { Rotation } from './rotation.ts';
import { Stats } from './stats.ts';
import { Tail } from './tail.ts';
import { Unstored } from './unstored.ts';

/** An access log to be read. */
export interface LogSource {
  readonly path: string;
  readonly parse: ParseLine;
  /** Set when we have to keep it small. */
  readonly rotation?: Rotation;
}

export interface TrackerOptions {
  table: RoutingTable;
  store: Pick<Store, 'touch'>;
  /** How often times are stored, ms. After a crash the rest is read again from the logs. */
  storeIntervalMs: number;
  cursors: Cursors;
  logs: readonly LogSource[];
  backends: LookoutOptions['backends'];
  /** See Driver.mixesConnections. */
  mixed?: boolean;
  probeIntervalMs: number;
  log: Pick<Log, 'info' | 'warn'>;
  sockets?: LookoutOptions['sockets'];
  /** Told of each line that tells of a request. */
  onHit?: (hit: Hit) => void;
  /** Told after each look at open connections, also when they can't be seen. */
  onLook?: () => void;
  now?: () => number;
}

/** What the tracker says of itself in /status and /metrics. */
export interface TrackerStatus {
  /** Lines that tell of a request to a route, and those that no format could read. */
  readonly lines: number;
  /** Lines that no format could read. */
  readonly unreadable: number;
  /** Bytes of the logs that aren't read yet. */
  readonly backlogBytes: number;
  /** Why open connections can't be seen, null when they can. */
  readonly blind: string | null;
}

const POLL_MS = 400;
/** How often times in the future are corrected, ms. */
const CLOCK_MS = 60_000;
/** How long after a look the lines of short requests may still come. */
const LINES_COME_MS = 600;
/** What is read at the end; the next start goes on from there. */
const LAST_READ_MS = 200;
/** After so many useless lines and no useful one the format is probably wrong. */
const SUSPICIOUS = 100;

interface Source extends LogSource {
  readonly tail: Tail;
  readonly complaint: Complaint;
  stored: LogCursor | undefined;
  /** Lines of no use, until the first useful one; then undefined. */
  useless: number | undefined;
}

/**
 * Moves `last_activity` and counts: reads the access logs as they grow, and looks at open connections, which write no line until
 * they end. How far a log was read is stored after the times that came from it: after a crash lines may be read again, which moves nothing.
 */
export class Tracker {
  readonly stats: Stats;
  readonly causes: Causes;
  readonly #options: TrackerOptions;
  readonly #now: () => number;
  readonly #lookout: Lookout;
  readonly #unstored = new Unstored();
  /** Where connections are mixed. */
  readonly #requests: LateRequests | undefined;
  readonly #storeComplaint = new Complaint();
  /** When the slice that is being read was read. */
  #reached = 0;
  #sources: Source[] = [];
  #timers: NodeJS.Timeout[] = [];
  #reading: Promise<void> | undefined;
  #storing: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  /** The last look; undefined when connections can't be seen. */
  #sight: Sight | undefined;
  #readUntil = Number.POSITIVE_INFINITY;
  #lines = 0;
  #unreadable = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.stats = new Stats(this.#now());
    this.causes = new Causes(options.table);
    this.#requests = options.mixed ? new LateRequests() : undefined;
    this.#lookout = new Lookout({ ...options, mixed: options.mixed === true, now: this.#now });
  }

  async start(): Promise<void> {
    const cursors = await this.#options.cursors.read();
    this.#sources = this.#options.logs.map((log) => this.#open(log, cursors.get(log.path)));
    this.#every(POLL_MS, () => this.read());
    this.#every(this.#options.storeIntervalMs, () => this.store());
    this.#every(this.#options.probeIntervalMs, () => this.look());
    this.#every(CLOCK_MS, async () => this.settleTimes());
    void guarded(this.#options.log, 'a look at the activity', () => this.look())();
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
      blind: this.#lookout.blind ?? null,
    };
  }

  /**
   * Open websockets and uploads of a route at the last look; with mixed connections all to its backend. Several routes with one backend
   * share the number. Null when it can't be known.
   */
  open(key: string): number | null {
    if (!this.#sight) return null;
    const open = this.#sight.websockets.get(key);
    if (open !== undefined) return open;
    const entry = this.#options.table.get(key);
    return entry && leadsToSocket(entry.route.target) ? null : 0;
  }

  /** Those of all routes that have some; null when connections can't be seen. */
  openRoutes(): ReadonlyMap<string, number> | null {
    return this.#sight?.websockets ?? null;
  }

  /** All together, each once however many routes its backend has; null when connections can't be seen. */
  openTotal(): number | null {
    return this.#sight?.total ?? null;
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

  /** Puts times that lie in the future right. */
  settleTimes(): void {
    this.#unstored.settle(this.#options.table.entries(), this.#now());
    this.causes.settle(this.#now());
  }

  /** Looks at open connections once. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { table } = this.#options;
    const sight = await this.#lookout.look();
    this.#sight = sight;
    this.#options.onLook?.();
    const active = sight?.active ?? [];
    if (this.#requests && active.length > 0) {
      // Lines of what was under way at the look, and short, have come by then.
      await delay(LINES_COME_MS, undefined, { ref: false });
      await this.read();
    }
    for (const { keys, time, earliest } of active) {
      if (keys.some((key) => this.#requests?.explain(key, earliest, time))) continue;
      // With several routes to one backend it can't be known which one it is, so it counts for all: culling a busy server is worse.
      for (const key of keys) {
        const entry = table.get(key);
        if (entry) this.#move(entry, 'data', time, this.#now());
      }
    }
    this.#requests?.forget(this.#now());
    if (sight) this.stats.setConnections(sight.connections);
    this.stats.retain((key) => table.get(key) !== undefined);
  }

  #open(log: LogSource, stored: LogCursor | undefined): Source {
    const onLine = (bytes: Buffer, from: number, to: number) => {
      const hit = log.parse(bytes, from, to);
      if (hit === UNROUTED) return;
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
    this.#options.log.warn({ path }, 'no line of that log is of its format so far: see --activity-format');
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
    this.#options.onHit?.(hit);
    const entry = this.#options.table.get(hit.key);
    if (!entry) return;
    this.stats.add(hit);
    this.#requests?.add(hit);
    if (isSuccess(hit)) this.#move(entry, 'request', hit.time, this.#reached);
    else if (this.#hasNewData(hit)) this.#move(entry, 'data', hit.time, this.#reached);
  }

  /**
   * Did the client of the finished request send data that has not counted yet? If looks at the sockets have seen all of it, that was when
   * they saw it, which may be long before the end.
   */
  #hasNewData(hit: Hit): boolean {
    if (!hit.sentData && hit.status !== SWITCHING) return false;
    const seen = this.#lookout.sawOf(hit);
    if (seen === 'all' || (seen === 'once' && !hit.sentData)) return false;
    return hit.sentData || seen === 'less';
  }

  #move(entry: Entry, cause: 'request' | 'data', time: number, now: number): void {
    this.causes.note(entry, cause, time, now);
    this.#unstored.touch(entry, time, cause, now);
  }

  async #store(): Promise<void> {
    const cursors = new Map<string, LogCursor>();
    for (const { path, tail, stored } of this.#sources) {
      const { cursor } = tail;
      if (cursor && !isSame(cursor, stored)) cursors.set(path, cursor);
    }
    if (this.#unstored.size === 0 && cursors.size === 0) return;
    try {
      await this.#unstored.store(this.#options.store);
      if (cursors.size > 0) await this.#options.cursors.save(cursors);
    } catch (error) {
      const { message } = error as Error;
      if (this.#storeComplaint.isNews(message, this.#now())) {
        this.#options.log.warn({ reason: message }, 'cannot store when routes were last used; it is tried again');
      }
      return;
    }
    this.#storeComplaint.end();
    for (const source of this.#sources) source.stored = cursors.get(source.path) ?? source.stored;
  }

  #every(ms: number, task: () => Promise<void>): void {
    let running = false;
    const job = guarded(this.#options.log, 'a look at the activity', task);
    const timer = setInterval(async () => {
      if (running) return;
      running = true;
      await job();
      running = false;
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }
}

function isSame(a: LogCursor, b: LogCursor | undefined): boolean {
  return b !== undefined && a.offset === b.offset && a.inode === b.inode && a.head === b.head;
}
