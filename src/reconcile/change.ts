import type { Route } from '../routes/route.ts';

/** One request for changes; takes effect whole or not at all. */
export interface Change {
  /** The table becomes exactly `set`, in one step of the proxy. */
  readonly replace: boolean;
  /** `lastActivity`: milliseconds, never in the future; without it the route counts as used now. */
  readonly set: readonly { readonly route: Route; readonly lastActivity?: number }[];
  /** Keys that aren't there are no error. */
  readonly remove: readonly string[];
}

/** What a change did once the proxy serves it. */
export interface Outcome {
  readonly generation: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** What the API drives: store, then proxy, then answer. */
export interface Changes {
  /**
   * Resolves when the change is stored and the proxy serves it. Rejects with `STORE_FULL`/`STORE_FAILED` when nothing was
   * stored, `NOT_SERVED` when it is stored but the proxy did not serve it in time (it goes on trying), `BAD_TARGET`,
   * `BAD_ROUTESPEC` or `BAD_TABLE` when the driver refuses routes, `SHUTTING_DOWN` at the end.
   */
  submit(change: Change): Promise<Outcome>;
}
