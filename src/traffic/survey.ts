import type { Cause } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { Breather } from '../system/breather.ts';
import type { ByRoute } from './by-route.ts';
import { KeyOrder, type Ordered } from './key-order.ts';

/** How long a survey is good for, ms. */
const FRESH_MS = 2_000;
/** So many answers are kept with a survey: each may be as long as the table. */
const MOST_FOUND = 32;
/** For sorting: what can't be known comes after 0. */
export const UNKNOWN = -1;

/** What is known of a route besides; null where it can't be. */
export interface Sight {
  open(key: string): number | null;
  cause(key: string): Cause | null;
}

/** How all routes were used at one moment, in the order of their keys: an array a number, as long as the table. */
export interface Survey {
  /** ms since 1970. */
  readonly time: number;
  /** See `Store.fresh`. */
  readonly staleMs: number;
  readonly ordered: Ordered;
  /** Open websockets and uploads, or UNKNOWN. */
  readonly open: Float64Array;
  /** Of the last 5 minutes. */
  readonly recentRequests: Float64Array;
  /** Answers of the last hour with 5xx. */
  readonly serverErrors: Float64Array;
  /** First byte, or UNKNOWN. */
  readonly p95: Float64Array;
  readonly lastActivity: Float64Array;
  /** 1: no request and no data since it was added, or since the daemon started. */
  readonly isUnused: Uint8Array;
  /** What was made out of it, by what was asked for. */
  readonly found: Map<string, Promise<unknown>>;
}

export interface SurveyorOptions {
  readonly table: RoutingTable;
  readonly byRoute: Pick<ByRoute, 'of'>;
  readonly sight: Sight;
  /** See `Store.fresh`. */
  readonly fresh: () => Promise<number>;
  readonly now: () => number;
}

/** Looks at all routes, at most once in two seconds however many ask, and in slices. */
export class Surveyor {
  readonly #options: SurveyorOptions;
  readonly #order: KeyOrder;
  #made: Promise<Survey> | undefined;
  #madeAt = 0;

  constructor(options: SurveyorOptions) {
    this.#options = options;
    this.#order = new KeyOrder(options.table);
  }

  latest(): Promise<Survey> {
    if (this.#made && performance.now() - this.#madeAt < FRESH_MS) return this.#made;
    this.#madeAt = performance.now();
    this.#made = this.#next(this.#made);
    return this.#made;
  }

  async #next(last: Promise<Survey> | undefined): Promise<Survey> {
    // With a very large table, or on a busy machine, it may still be in the making.
    await last?.catch(() => undefined);
    try {
      return await this.#make();
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  async #make(): Promise<Survey> {
    const { byRoute, sight, fresh, now } = this.#options;
    const staleMs = await fresh();
    const breather = new Breather();
    const ordered = await this.#order.ordered(breather);
    const { entries } = ordered;
    const column = () => new Float64Array(entries.length);
    const [open, recentRequests, serverErrors, p95, lastActivity] = [column(), column(), column(), column(), column()];
    const isUnused = new Uint8Array(entries.length);
    const time = now();
    for (const [index, { route, lastActivity: used }] of entries.entries()) {
      const { key, target } = route;
      const use = byRoute.of(key, target, time);
      const cause = sight.cause(key);
      open[index] = sight.open(key) ?? UNKNOWN;
      recentRequests[index] = use?.recentRequests ?? 0;
      serverErrors[index] = use?.serverErrors ?? 0;
      p95[index] = use?.firstByteP95 ?? UNKNOWN;
      lastActivity[index] = Math.min(used, time);
      isUnused[index] = Number(!use && (cause === 'added' || cause === 'restored'));
      if (breather.isDue) await breather.rest();
    }
    return {
      ...{ time, staleMs, ordered, open, recentRequests, serverErrors, p95, lastActivity, isUnused },
      found: new Map(),
    };
  }
}

/** Does the work for an answer once for all who ask for the same. */
export function once<T>({ found }: Survey, name: string, make: () => Promise<T>): Promise<T> {
  let made = found.get(name) as Promise<T> | undefined;
  if (!made) {
    made = make();
    if (found.size < MOST_FOUND) found.set(name, made);
  }
  return made;
}
