import type { Hit } from './hit.ts';

/** Numbers of one route since the daemon started. Durations in ms, undefined before the first request. */
export interface RouteStats {
  requests: number;
  bytes: number;
  openConnections: number;
  lastStatus: number | undefined;
  p50: number | undefined;
  p95: number | undefined;
}

/** Bucket borders grow by a quarter from 1 ms to some 20 minutes: quantiles are right to ±12 %. */
const GROWTH = 1.25;
const BUCKETS = 64;

/** Counts of one route. Small: one of these for each of 100,000 routes must fit. */
class Counts {
  requests = 0;
  bytes = 0;
  lastStatus: number | undefined;
  readonly buckets = new Uint32Array(BUCKETS);

  add(hit: Hit): void {
    this.requests++;
    this.bytes += hit.bytes;
    this.lastStatus = hit.status;
    if (hit.duration !== undefined) {
      const bucket = Math.min(BUCKETS - 1, Math.ceil(Math.log(Math.max(hit.duration, 1)) / Math.log(GROWTH)));
      this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    }
  }

  quantile(part: number): number | undefined {
    const total = this.buckets.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    let seen = 0;
    const bucket = this.buckets.findIndex((count) => {
      seen += count;
      return seen >= total * part;
    });
    return Math.round(GROWTH ** bucket);
  }
}

/** Statistics by route. */
export class Stats {
  readonly #counts = new Map<string, Counts>();
  #connections: ReadonlyMap<string, number> = new Map();

  add(hit: Hit): void {
    const counts = this.#counts.get(hit.key);
    if (counts) counts.add(hit);
    else {
      const fresh = new Counts();
      fresh.add(hit);
      this.#counts.set(hit.key, fresh);
    }
  }

  /** Open connections by key, as the last probe saw them. */
  setConnections(connections: ReadonlyMap<string, number>): void {
    this.#connections = connections;
  }

  /** Forgets routes that are gone. */
  retain(isThere: (key: string) => boolean): void {
    for (const key of this.#counts.keys()) if (!isThere(key)) this.#counts.delete(key);
  }

  of(key: string): RouteStats {
    const counts = this.#counts.get(key);
    return {
      requests: counts?.requests ?? 0,
      bytes: counts?.bytes ?? 0,
      openConnections: this.#connections.get(key) ?? 0,
      lastStatus: counts?.lastStatus,
      p50: counts?.quantile(0.5),
      p95: counts?.quantile(0.95),
    };
  }
}
