import type { Batch, Origin } from '../../routes/plan.ts';
import type { Entry } from '../../routes/route.ts';
import type { RoutingTable } from '../../routes/table.ts';
import { compare, type Wish } from '../../routes/wish.ts';
import { inSlices } from '../../system/breather.ts';
import type { Committed, Since } from './statements.ts';

/** The most keys that the log names. */
const MOST_NAMED = 20;

/** What a commit of ours has changed: the database says of which keys, the wish says how. */
export async function batchOf({ clear, put, originOf }: Wish, { generation, did }: Committed): Promise<Batch> {
  const lists = {
    added: [] as Entry[],
    changed: [] as Entry[],
    removed: [] as string[],
    touched: [] as [string, number][],
  };
  await inSlices(did, ([key, effect]) => (effect === 'removed' ? lists.removed.push(key) : undefined));
  const sort = ([key, entry]: [string, Entry | undefined]) => {
    const effect = did.get(key);
    if (!entry) return;
    if (effect === 'added' || effect === 'changed') lists[effect].push(entry);
    else lists.touched.push([key, entry.lastActivity]);
  };
  await inSlices(put, sort);
  return { ...lists, generation, whole: clear !== undefined, originOf };
}

const ANOTHER_REPLICA: Origin = { actor: 'another replica' };

/** What has come since the table was as it is; `own`: a wish of ours that is in it. */
export async function batchSince({ generation, whole, rows }: Since, table: RoutingTable, own?: Wish): Promise<Batch> {
  const originOf = (key: string) => (own?.put.has(key) ? own.originOf?.(key) : ANOTHER_REPLICA);
  const put = new Map(rows.map(({ key, entry }) => [key, entry]));
  return { ...(await compare({ clear: undefined, put }, table)), generation, whole, originOf };
}

/** Keys whose routes are not the same in both, for the log. */
export function differences(before: RoutingTable, after: readonly Entry[]): { count: number; named: string[] } {
  const left = new Set(before.keys());
  const keys: string[] = [];
  for (const { route } of after) {
    left.delete(route.key);
    if (before.get(route.key)?.route.data !== route.data) keys.push(route.key);
  }
  keys.push(...left);
  return { count: keys.length, named: keys.slice(0, MOST_NAMED) };
}
