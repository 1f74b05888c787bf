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

/** One accepted batch of changes, in the order in which they take effect: `replace` empties the table first. */
export interface Batch {
  readonly generation: number;
  readonly replace: boolean;
  readonly set: readonly Entry[];
  readonly remove: readonly string[];
}
