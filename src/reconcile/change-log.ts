import { maskTarget } from '../routes/mask.ts';
import type { Batch } from '../routes/plan.ts';
import type { Log } from '../system/log.ts';

/** Of a whole table that is replaced; the rest is counted. */
const MOST_LINES = 100;

/** Says which routes a batch changes, in the words of configurable-http-proxy, which people's tools look for. */
export function logChanges({ added, changed, removed, originOf }: Batch, log: Pick<Log, 'info'>): void {
  const set = [...added, ...changed].slice(0, MOST_LINES);
  const gone = removed.slice(0, MOST_LINES);
  const say = (key: string, line: string) => log.info({ actor: originOf?.(key)?.actor }, line);
  for (const { route } of set) say(route.key, `Route added ${route.key} -> ${maskTarget(route.target)}`);
  for (const key of gone) say(key, `Removing route ${key}`);
  const more = added.length + changed.length + removed.length - set.length - gone.length;
  if (more > 0) log.info({}, `and ${more} more routes added or removed`);
}
