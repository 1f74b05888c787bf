import { type Hit, SWITCHING } from './hit.ts';
import { BUCKETS, bucketOf, quantile } from './latency.ts';

/** Numbers of one route since the daemon started. Durations in ms, null before the first request. */
export interface RouteStats {
  readonly requests: number;
  readonly bytes: number;
  readonly openConnections: number;
  readonly lastStatus: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  /** ISO 8601. */
  readonly since: string;
}

/** Answers of one route by class of status; `serverError` has those that are `unreachable`, too: the backend gave no answer. */
export interface StatusCounts {
  readonly informational: number;
  readonly success: number;
  readonly redirect: number;
  readonly clientError: number;
  readonly serverError: number;
  readonly unreachable: number;
}

/** Behind the buckets: 1xx to 5xx, and unreachable. */
const CLASSES = 5;
const WIDTH = BUCKETS + CLASSES + 1;

interface Counts {
  requests: number;
  bytes: number;
  lastStatus: number;
  /** Where its buckets and counts begin in the one array of all. */
  readonly at: number;
}

/** Statistics by route, some 400 bytes for each that was used: those of 100,000 must fit. */
export class Stats {
  readonly #since: number;
  readonly #counts = new Map<string, Counts>();
  #numbers = new Uint32Array(WIDTH * 64);
  #free: number[] = [];
  #used = 0;
  #connections: ReadonlyMap<string, number> = new Map();

  constructor(since: number) {
    this.#since = since;
  }

  /** What ended before the daemon started isn't counted. */
  add(hit: Hit): void {
    let counts = this.#counts.get(hit.key);
    if (!counts) {
      counts = { requests: 0, bytes: 0, lastStatus: 0, at: this.#allocate() };
      this.#counts.set(hit.key, counts);
    }
    if (hit.time < this.#since) return;
    counts.requests++;
    counts.bytes += hit.bytes;
    counts.lastStatus = hit.status;
    const statusClass = Math.trunc(hit.status / 100);
    if (statusClass >= 1 && statusClass <= CLASSES) this.#count(counts.at + BUCKETS + statusClass - 1);
    if (hit.answered === false) this.#count(counts.at + BUCKETS + CLASSES);
    // A websocket takes as long as its user likes.
    if (hit.duration === undefined || hit.status === SWITCHING) return;
    this.#count(counts.at + bucketOf(hit.duration));
  }

  /** Open connections by key, as the last probe saw them. */
  setConnections(connections: ReadonlyMap<string, number>): void {
    this.#connections = connections;
  }

  /** Forgets routes that are gone. */
  retain(isThere: (key: string) => boolean): void {
    for (const [key, { at }] of this.#counts) {
      if (isThere(key)) continue;
      this.#counts.delete(key);
      this.#free.push(at);
    }
  }

  of(key: string): RouteStats {
    const counts = this.#counts.get(key);
    const buckets = counts && this.#numbers.subarray(counts.at, counts.at + BUCKETS);
    return {
      requests: counts?.requests ?? 0,
      bytes: counts?.bytes ?? 0,
      openConnections: this.#connections.get(key) ?? 0,
      lastStatus: counts?.lastStatus || null,
      p50: buckets ? quantile(buckets, 0.5) : null,
      p95: buckets ? quantile(buckets, 0.95) : null,
      since: new Date(this.#since).toISOString(),
    };
  }

  /** Answers of a route since the daemon started. */
  statuses(key: string): StatusCounts {
    const at = this.#counts.get(key)?.at;
    const count = (index: number) => (at === undefined ? 0 : (this.#numbers[at + BUCKETS + index] as number));
    return {
      informational: count(0),
      success: count(1),
      redirect: count(2),
      clientError: count(3),
      serverError: count(4),
      unreachable: count(CLASSES),
    };
  }

  #count(index: number): void {
    this.#numbers[index] = (this.#numbers[index] as number) + 1;
  }

  #allocate(): number {
    const at = this.#free.pop() ?? WIDTH * this.#used++;
    if (at >= this.#numbers.length) {
      const larger = new Uint32Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.fill(0, at, at + WIDTH);
    return at;
  }
}
