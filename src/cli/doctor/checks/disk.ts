import { statfsSync } from 'node:fs';
import { size } from '../../quantities.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

const LITTLE_BYTES = 200_000_000;
const NO_BYTES = 5_000_000;

/** Is there room for the table and the logs? */
export function disk({ config: { stateDir, accessLogSize } }: Scene): Finding {
  let stat: ReturnType<typeof statfsSync>;
  try {
    stat = statfsSync(stateDir);
  } catch {
    return skipped(`${stateDir} can't be looked at`);
  }
  const free = stat.bavail * stat.bsize;
  const mend = `Make room, or move the folder with state-dir. Access logs take up to ${size(2 * accessLogSize)} (access-log-size).`;
  const state = `${size(free)} bytes are free for ${stateDir}`;
  if (free < NO_BYTES) return fail(`${state}: changes of routes may be refused (507)`, mend);
  // File systems without a fixed number of inodes say 0 of 0.
  if (stat.files > 0 && stat.ffree < 1000) {
    return fail(`${stat.ffree} inodes are free for ${stateDir}: a live table takes one a route`, mend);
  }
  return free < LITTLE_BYTES ? warn(state, mend) : ok(state);
}
