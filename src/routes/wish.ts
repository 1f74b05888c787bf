import { Breather, inSlices } from '../system/breather.ts';
import { type Batch, changesRoutes, type Origin } from './plan.ts';
import type { Entry, Route } from './route.ts';
import { isInScope, type Scope } from './scope.ts';
import type { RoutingTable } from './table.ts';

/** One request for changes; takes effect whole or not at all. */
export interface Change extends Origin {
  /** This part of the table becomes exactly `set`, in one step of the proxy. */
  readonly clear: Scope | undefined;
  /** `lastActivity`: milliseconds, never in the future; without it the route counts as used now. */
  readonly set: readonly { readonly route: Route; readonly lastActivity?: number }[];
  /** Keys that aren't there are no error. */
  readonly remove: readonly string[];
}

/** What changes ask for together, whatever the table is: one transaction of a store. */
export interface Wish {
  /** Every other key of this part of the table goes. */
  readonly clear: Scope | undefined;
  /** By key; undefined removes. */
  readonly put: ReadonlyMap<string, Entry | undefined>;
  readonly originOf?: Batch['originOf'];
}

/**
 * Makes one wish of the first `count` changes. A change that concerns a key of an earlier one has to wait for the next wish, and one
 * that clears has a wish to itself: so what became of each key is what became of one change.
 */
export async function fold(
  changes: readonly Change[],
  now: number,
  breather: Breather,
): Promise<{ wish: Wish; count: number }> {
  const put = new Map<string, Entry | undefined>();
  const origins = new Map<string, Origin>();
  let count = 0;
  for (const change of changes) {
    const { clear, set, remove } = change;
    if (count > 0 && (clear || remove.some((key) => put.has(key)) || set.some(({ route }) => put.has(route.key))))
      break;
    const wish = (key: string, entry: Entry | undefined) => {
      put.set(key, entry);
      // One that is alone may have very many, and clear some that it does not name.
      if (changes.length > 1) origins.set(key, change);
    };
    await inSlices(remove, (key) => wish(key, undefined), breather);
    const want = ({ route, lastActivity = now }: Change['set'][number]) =>
      wish(route.key, { route, lastActivity: Math.min(lastActivity, now) });
    await inSlices(set, want, breather);
    count++;
    if (clear) return { wish: { clear, put, originOf: () => change }, count };
  }
  const originOf = changes.length > 1 ? (key: string) => origins.get(key) : () => changes[0];
  return { wish: { clear: undefined, put, originOf }, count };
}

/** What a wish changes in the table; a new generation if it changes a route. */
export async function compare({ clear, put, originOf }: Wish, table: RoutingTable): Promise<Batch> {
  const breather = new Breather();
  const lists = {
    added: [] as Entry[],
    changed: [] as Entry[],
    removed: [] as string[],
    touched: [] as [string, number][],
  };
  const look = ([key, entry]: [string, Entry | undefined]) => {
    const before = table.get(key);
    if (!entry) {
      if (before) lists.removed.push(key);
    } else if (!before) lists.added.push(entry);
    else if (isSame(before.route, entry.route)) lists.touched.push([key, entry.lastActivity]);
    else lists.changed.push({ ...entry, lastActivity: Math.max(entry.lastActivity, before.lastActivity) });
  };
  await inSlices(put, look, breather);
  if (clear) {
    const drop = (key: string) => (isInScope(clear, key) && !put.has(key) ? lists.removed.push(key) : undefined);
    await inSlices(table.keys(), drop, breather);
  }
  const batch = { ...lists, generation: table.generation, whole: clear !== undefined, originOf };
  return changesRoutes(batch) ? { ...batch, generation: table.generation + 1 } : batch;
}

function isSame(a: Route, b: Route): boolean {
  return a.target === b.target && a.data === b.data;
}
