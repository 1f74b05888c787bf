import type { Change } from '../routes/wish.ts';

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
