import { statSync } from 'node:fs';
import { type Finding, fail, ok, skipped } from '../check.ts';
import { masterIn } from '../nginx-master.ts';
import type { Scene } from '../scene.ts';

/** Does the proxy see the same folder under the same path? */
export function samePath({ config: { driver, managed, stateDir, traefikDir, nginxPidFile } }: Scene): Finding {
  if (managed) return skipped('Signalbox starts the proxy itself');
  const folder = driver === 'traefik' ? traefikDir : stateDir;
  const pid = masterIn(nginxPidFile);
  if (folder === undefined || pid === undefined) {
    return skipped('the process of the proxy is not known (nginx-pid-file)');
  }
  const ours = statSync(folder, { throwIfNoEntry: false });
  if (ours === undefined) return fail(`${folder} is not there`, 'Mount it at this path for Signalbox, too.');
  try {
    // The folder as that process has it, across its mount namespace; see proc(5).
    const theirs = statSync(`/proc/${pid}/root${folder}`, { throwIfNoEntry: false });
    if (theirs?.dev === ours.dev && theirs.ino === ours.ino) return ok(`process ${pid} sees the same ${folder}`);
    const what = theirs === undefined ? `has no ${folder}` : `has another folder as ${folder}`;
    return fail(
      `the proxy (process ${pid}) ${what}`,
      'Mount one volume at the same path in both containers: the configuration names absolute paths.',
    );
  } catch {
    return skipped(`process ${pid} can't be looked into: it is another user's, or not of this pid namespace`);
  }
}
