import { statSync } from 'node:fs';
import { type Finding, ok, skipped, warn } from '../check.ts';
import { askPublic } from '../public-side.ts';
import type { Scene } from '../scene.ts';

/** Date headers are whole seconds, and the answer takes its time. */
const APART_MS = 3_000;

/** Do the proxy, its log and Signalbox agree on the time? */
export async function clock({ config }: Scene): Promise<Finding> {
  const before = Date.now();
  const answer = await askPublic(config);
  if (answer === undefined) return skipped('the public side does not answer');
  const theirs = Date.parse(answer.headers.date ?? '');
  if (Number.isNaN(theirs)) return skipped('the public side tells no time');
  const apart = Math.max(before - theirs - 1000, theirs - Date.now());
  if (apart > APART_MS) {
    return warn(
      `the clock of the proxy is ${Math.round(apart / 1000)} s apart from ours`,
      'Keep both machines on time (chrony, systemd-timesyncd): times in logs are taken as they stand.',
    );
  }
  const future = config.activityLog.find((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && stat.mtimeMs > Date.now() + APART_MS;
  });
  if (future !== undefined) {
    return warn(`${future} was written in the future`, 'Keep the machine that writes it on time.');
  }
  return ok('the proxy has the same time as we');
}
