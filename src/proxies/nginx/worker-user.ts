import { existsSync } from 'node:fs';
import { checkReach, closedSocket, findUser, groupsOf, type Purpose } from '../../system/users.ts';

const WORKERS: Purpose = { who: "nginx's workers", setting: 'nginx-user' };

export interface WorkerUser {
  readonly uid: number;
  readonly directive: string;
  checkReach(folder: string): void;
  /** Why the workers can't connect to a unix socket; undefined when they can, or the socket is not there yet. */
  shutOut(socket: string): string | undefined;
}

/** The user that nginx's workers run as when Signalbox is root. Undefined when it is not root: then they run as its own user. */
export function workerUser(name: string): WorkerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = { ...findUser(name, WORKERS), groups: groupsOf(name) };
  return {
    uid: user.uid,
    directive: user.group === undefined ? name : `${name} ${user.group}`,
    // Workers follow the routes' symlinks at each request.
    checkReach: (folder) => checkReach(folder, user, WORKERS),
    shutOut(socket) {
      if (!existsSync(socket)) return undefined;
      const closed = closedSocket(socket, user);
      return closed && `${WORKERS.who} run as ${name}, whom the mode of ${closed} keeps out`;
    },
  };
}
