import type { Batch } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';

/** After so long without a change the Hub has put back all routes that it wants, ms. */
const QUIET_MS = 5_000;
/** After so long they go in any case, ms. */
const AT_MOST_MS = 60_000;

/**
 * Routes that the proxy of a killed daemon still serves. A table that is not kept does not have them until the Hub puts them back;
 * meanwhile they go on being served. A route that the Hub changes is served as the table says, and in the end all are.
 */
export class Leftovers {
  readonly #routes: Map<string, Route>;
  readonly #onEnd: (keys: readonly string[]) => void;
  #quiet: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;

  constructor(routes: Iterable<Route>, onEnd: (keys: readonly string[]) => void) {
    // `onEnd` is called with the keys that nobody has put back.
    this.#routes = new Map(Array.from(routes, (route) => [route.key, route]));
    this.#onEnd = onEnd;
  }

  /** The routes of the table, and what is left beside them. */
  with(table: RoutingTable): Route[] {
    const routes = table.routes();
    for (const route of this.#routes.values()) if (!table.get(route.key)) routes.push(route);
    return routes;
  }

  start(): void {
    if (this.#routes.size === 0) return;
    this.#quiet = setTimeout(() => this.#finish(), QUIET_MS).unref();
    this.#end = setTimeout(() => this.#finish(), AT_MOST_MS).unref();
  }

  record(batch: Batch): void {
    if (this.#routes.size === 0) return;
    for (const key of batch.removed) this.#routes.delete(key);
    for (const { route } of [...batch.added, ...batch.changed]) this.#routes.delete(route.key);
    // A whole table was put: nothing else is to be served.
    if (batch.whole) this.stop();
    else this.#quiet?.refresh();
  }

  stop(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#end);
    this.#routes.clear();
  }

  #finish(): void {
    const left = [...this.#routes.keys()];
    this.stop();
    if (left.length > 0) this.#onEnd(left);
  }
}
