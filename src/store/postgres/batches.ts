import type { Batch } from '../../routes/plan.ts';
import type { Entry } from '../../routes/route.ts';
import type { RoutingTable } from '../../routes/table.ts';
import type { Wish } from '../../routes/wish.ts';
import { Breather, inSlices } from '../../system/breather.ts';
import { entryOfRow } from '../rows.ts';
import type { Committed, News, StoredRoute } from './statements.ts';

/** What a commit of ours has changed: the database says of which keys, the wish says how. */
export async function batchOf({ replace, put }: Wish, committed: Committed): Promise<Batch> {
  const { generation, removed } = committed;
  const kinds = new Map<string, 'added' | 'changed'>();
  const breather = new Breather();
  await inSlices(committed.added, (key) => kinds.set(key, 'added'), breather);
  await inSlices(committed.changed, (key) => kinds.set(key, 'changed'), breather);
  const lists = { added: [] as Entry[], changed: [] as Entry[], touched: [] as [string, number][] };
  const sort = ([key, entry]: [string, Entry | undefined]) => {
    const kind = kinds.get(key);
    if (entry && kind) lists[kind].push(entry);
    else if (entry) lists.touched.push([key, entry.lastActivity]);
  };
  await inSlices(put, sort, breather);
  return { ...lists, generation, whole: replace, removed };
}

/** What has come since the table was as it is. */
export async function batchSince({ generation, whole, routes }: News, table: RoutingTable): Promise<Batch> {
  const lists = { added: [] as Entry[], changed: [] as Entry[], removed: [] as string[], touched: [] as [string, number][] };
  const sort = (row: News['routes'][number]) => {
    const before = table.get(row.key)?.route;
    if (row.gone) {
      if (before) lists.removed.push(row.key);
    } else if (!before) lists.added.push(entryOf(row));
    else if (before.data !== row.data) lists.changed.push(entryOf(row));
    else lists.touched.push([row.key, row.ms ?? 0]);
  };
  await inSlices(routes, sort);
  return { ...lists, generation, whole };
}

export function entryOf({ key, data, ms }: StoredRoute): Entry {
  return entryOfRow({ key, data, last_activity: ms ?? 0 });
}
