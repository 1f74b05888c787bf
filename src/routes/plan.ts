import type { Entry, Route } from './route.ts';

/**
 * What a driver has to do to reach `generation` from what it last confirmed.
 * - `full: false`: `set` are the routes that are new or changed, `remove` the keys that went.
 * - `full: true`: `set` is the whole table and is to be swapped in as one step; every other key goes; `remove` is empty.
 */
export interface Plan {
  readonly generation: number;
  readonly full: boolean;
  readonly set: readonly Route[];
  readonly remove: readonly string[];
}

/** Who has asked for a change. Each request has an object of its own, so that two of the same sender are told apart. */
export interface Origin {
  readonly actor?: string | undefined;
}

/** What one commit has changed in the table: all of it is stored, or nothing. Each key is in one of the lists at most. */
export interface Batch {
  readonly generation: number;
  /** The table, or a part of it, was put as a whole: the proxy is to take it up in one step. */
  readonly whole: boolean;
  readonly added: readonly Entry[];
  /** With another target or other data than before. */
  readonly changed: readonly Entry[];
  readonly removed: readonly string[];
  /** Routes that were given again as they are, which counts as use: keys and times in ms. */
  readonly touched: readonly (readonly [key: string, ms: number])[];
  /** Who has asked for the change of a key, where that is known. */
  readonly originOf?: ((key: string) => Origin | undefined) | undefined;
}

/** Does the batch change a route? */
export function changesRoutes({ added, changed, removed }: Batch): boolean {
  return added.length > 0 || changed.length > 0 || removed.length > 0;
}
