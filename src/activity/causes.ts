import type { Cause, Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';

/** Why a route has the last activity that it has. Times in ms since 1970, since the daemon started; null: not since then. */
export interface CauseOf {
  /** What moved it last. */
  readonly cause: Cause;
  /** When the last request ended that counts. */
  readonly lastRequest: number | null;
  /** When data of a client was last seen on an open websocket or upload, or at the end of one. */
  readonly lastData: number | null;
}

/** Remembers, in memory only, what was seen of each route that is used. It is kept in the table, and so goes with its route. */
export class Causes {
  readonly #table: RoutingTable;

  constructor(table: RoutingTable) {
    this.#table = table;
  }

  /** Undefined for a route that isn't there. */
  of(key: string): CauseOf | undefined {
    const entry = this.#table.get(key);
    if (!entry) return undefined;
    const { cause = 'restored', seen } = entry;
    return { cause, lastRequest: seen?.lastRequest ?? null, lastData: seen?.lastData ?? null };
  }

  /** The route was used at that time, but not in the future: the clock may have been set back since. */
  note(entry: Entry, cause: 'request' | 'data', time: number, now: number): void {
    entry.seen ??= { lastRequest: null, lastData: null };
    const field = cause === 'request' ? 'lastRequest' : 'lastData';
    entry.seen[field] = Math.max(entry.seen[field] ?? 0, Math.trunc(Math.min(time, now)));
  }

  /** Sets times in the future to now: the clock may have been set back since. */
  settle(now: number): void {
    for (const { seen } of this.#table.entries()) {
      if (!seen) continue;
      if (seen.lastRequest !== null) seen.lastRequest = Math.min(seen.lastRequest, now);
      if (seen.lastData !== null) seen.lastData = Math.min(seen.lastData, now);
    }
  }
}
