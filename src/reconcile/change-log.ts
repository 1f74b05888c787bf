import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Log } from '../system/log.ts';

/** Of a whole table that is replaced; the rest is counted. */
const MOST_LINES = 100;

/** Says which routes a batch changes, in the words of configurable-http-proxy, which people's tools look for. */
export function logChanges(batch: Batch, before: RoutingTable, log: Pick<Log, 'info'>): void {
  const added = batch.set.filter(({ route }) => before.get(route.key)?.route !== route);
  const lines = added.slice(0, MOST_LINES).map(({ route }) => `Route added ${route.key} -> ${shown(route.target)}`);
  const removed = removedBy(batch, before);
  lines.push(...removed.slice(0, MOST_LINES).map((key) => `Removing route ${key}`));
  const more = added.length + removed.length - lines.length;
  if (more > 0) lines.push(`and ${more} more routes added or removed`);
  for (const line of lines) log.info({}, line);
}

function removedBy({ replace, set, remove }: Batch, before: RoutingTable): readonly string[] {
  if (!replace) return remove;
  const kept = new Set(set.map(({ route }: Entry) => route.key));
  return [...before.routes()].map(({ key }) => key).filter((key) => !kept.has(key));
}

/** A password and a query may be secrets. */
function shown(target: string): string {
  return target.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, '$1').replace(/\?.*$/s, '?…');
}
