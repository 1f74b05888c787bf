import { checkReach, findUser, type Purpose } from '../system-user.ts';

const WORKERS: Purpose = { who: "nginx's workers", setting: 'nginx-user' };

/** The user whom nginx's workers run as when Signalbox is root; undefined when it isn't: workers are then ourselves. */
export function workerUser(name: string): { directive: string; checkReach: (folder: string) => void } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = findUser(name, WORKERS);
  return {
    directive: user.group === undefined ? name : `${name} ${user.group}`,
    // Workers follow the routes' symlinks at each request.
    checkReach: (folder) => checkReach(folder, user, WORKERS),
  };
}
