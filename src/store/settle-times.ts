import { describeError } from '../errors.ts';
import { capTimes, type Entry } from '../routes/route.ts';
import type { Log } from '../system/log.ts';
import type { Disk } from './store.ts';

/** Sets times in the future to now, here and in the store: the clock was ahead, or has been set back. */
export async function settleTimes(
  entries: readonly Entry[],
  disk: Pick<Disk, 'touch'>,
  now: number,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  const ahead = capTimes(entries, now);
  if (ahead.length === 0) return;
  log.warn({ routes: ahead.length }, 'routes were last used in the future, as the clock has it: that counts as now');
  try {
    await disk.touch(ahead.map(({ route, lastActivity }) => [route.key, lastActivity]));
  } catch (error) {
    log.warn({ reason: describeError(error) }, 'their times cannot be stored; the next start tries again');
  }
}
