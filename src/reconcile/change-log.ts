import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { type Breather, inSlices } from '../system/breather.ts';
import type { Log } from '../system/log.ts';

/** Of a whole table that is replaced; the rest is counted. */
const MOST_LINES = 100;

/**
 * Says which routes a batch changes, in the words of configurable-http-proxy, which people's tools look for. `added`: those of its
 * entries that are new or changed.
 */
export async function logChanges(
  batch: Batch,
  added: readonly Entry[],
  before: RoutingTable,
  log: Pick<Log, 'info'>,
  breather: Breather,
): Promise<void> {
  const lines = added.slice(0, MOST_LINES).map(({ route }) => `Route added ${route.key} -> ${shown(route.target)}`);
  const removed = await removedBy(batch, before, breather);
  lines.push(...removed.slice(0, MOST_LINES).map((key) => `Removing route ${key}`));
  const more = added.length + removed.length - lines.length;
  if (more > 0) lines.push(`and ${more} more routes added or removed`);
  for (const line of lines) log.info({}, line);
}

async function removedBy({ replace, set, remove }: Batch, before: RoutingTable, breather: Breather) {
  if (!replace) return remove;
  const kept = new Set<string>();
  const removed: string[] = [];
  await inSlices(set, ({ route }) => kept.add(route.key), breather);
  await inSlices(before.keys(), (key) => (kept.has(key) ? undefined : removed.push(key)), breather);
  return removed;
}

/** A password and a query may be secrets. */
function shown(target: string): string {
  return target.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, '$1').replace(/\?.*$/s, '?…');
}
