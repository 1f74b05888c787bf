import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SignalboxError } from '../../errors.ts';

/** The user whom nginx's workers run as when Signalbox is root; undefined when it isn't: workers are then ourselves. */
export function workerUser(name: string): { directive: string; checkReach: (folder: string) => void } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = lines('/etc/passwd').find(([user]) => user === name);
  if (!user) {
    throw new SignalboxError('BAD_CONFIG', `there is no user ${JSON.stringify(name)} for nginx's workers`, {
      hint: 'Name one with --nginx-user, for example www-data.',
    });
  }
  const [, , uid, gid] = user;
  const group = lines('/etc/group').find(([, , id]) => id === gid)?.[0];
  return {
    directive: group === undefined ? name : `${name} ${group}`,
    checkReach: (folder) => checkReach(folder, name, Number(uid), Number(gid)),
  };
}

/** Workers follow the routes' symlinks at each request: they must be able to pass through every folder on the way. */
function checkReach(folder: string, name: string, uid: number, gid: number): void {
  if (uid === 0) return;
  for (let dir = dirname(folder); ; dir = dirname(dir)) {
    const stat = statSync(dir);
    const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
    if ((stat.mode & bit) === 0) {
      throw new SignalboxError('STATE_UNUSABLE', `nginx's workers run as ${name} and cannot pass through ${dir}`, {
        hint: 'Choose a --state-dir that other users may pass through, such as /var/lib/signalbox, or another --nginx-user.',
      });
    }
    if (dir === '/') return;
  }
}

function lines(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
