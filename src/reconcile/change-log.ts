import { maskTarget } from '../routes/mask.ts';
import type { Batch } from '../routes/plan.ts';
import type { Log } from '../system/log.ts';

/** Of a whole table that is replaced; the rest is counted. */
const MOST_LINES = 100;

/** Says which routes a batch changes, in the words of configurable-http-proxy, which people's tools look for. */
export function logChanges({ added, changed, removed }: Batch, log: Pick<Log, 'info'>): void {
  const set = [...added, ...changed];
  const lines = set.slice(0, MOST_LINES).map(({ route }) => `Route added ${route.key} -> ${maskTarget(route.target)}`);
  lines.push(...removed.slice(0, MOST_LINES).map((key) => `Removing route ${key}`));
  const more = set.length + removed.length - lines.length;
  if (more > 0) lines.push(`and ${more} more routes added or removed`);
  for (const line of lines) log.info({}, line);
}
