import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { execaSync } from 'execa';
import { SignalboxError } from '../errors.ts';

/** A user of this machine that a proxy runs as when Signalbox is root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Its other groups; absent when the process drops them. */
  readonly groups?: readonly number[];
  /** Name of the main group, where it has one. */
  readonly group: string | undefined;
}

/** For messages: who runs as that user, and the setting that names it. */
export interface Purpose {
  readonly who: string;
  readonly setting: string;
}

/** Throws BAD_CONFIG when there is none. */
export function findUser(name: string, { who, setting }: Purpose): SystemUser {
  const [, , uid, gid] = entry('passwd', name) ?? [];
  // getent also finds a user by number, which proxies don't.
  if (uid === undefined || uid === name) {
    throw new SignalboxError('BAD_CONFIG', `there is no user ${JSON.stringify(name)} for ${who}`, {
      hint: `Name one with --${setting}, for example www-data.`,
    });
  }
  return { name, uid: Number(uid), gid: Number(gid), group: entry('group', gid as string)?.[0] };
}

/** All groups that initgroups(3) gives to the user's processes. */
export function groupsOf(name: string): number[] {
  const { failed, stdout } = execaSync('id', ['-G', name], { reject: false });
  return failed ? [] : stdout.split(' ').map(Number);
}

/** Throws STATE_UNUSABLE when the user can't pass through one of the folders above `path`. */
export function checkReach(path: string, user: SystemUser, { who, setting }: Purpose): void {
  const closed = closedFolder(path, user);
  if (closed === undefined) return;
  throw new SignalboxError('STATE_UNUSABLE', `${who} run as ${user.name} and cannot pass through ${closed}`, {
    hint: `Choose a --state-dir that other users may pass through, such as /var/lib/signalbox, or another --${setting}.`,
  });
}

/** The folder above `path` that keeps the user out; folders that are not there yet will be made so that the user gets through. */
export function closedFolder(path: string, user: Ids): string | undefined {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    if (!isAllowed(dir, 0o1, user)) return dir;
    if (dir === '/') return undefined;
  }
}

/** What keeps the user from connecting to the unix socket: a folder or the socket itself, see unix(7). */
export function closedSocket(path: string, user: Ids): string | undefined {
  return closedFolder(path, user) ?? (isAllowed(path, 0o2, user) ? undefined : path);
}

type Ids = Pick<SystemUser, 'uid' | 'gid' | 'groups'>;

/** By its mode; an access control list may allow more. `right`: 1 to pass through, 2 to write. */
function isAllowed(path: string, right: number, { uid, gid, groups = [] }: Ids): boolean {
  if (uid === 0) return true;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  const shift = stat.uid === uid ? 6 : stat.gid === gid || groups.includes(stat.gid) ? 3 : 0;
  return ((stat.mode >> shift) & right) !== 0;
}

/** From getent(1), because a directory service may know users that stand in no file; without getent from the file. */
function entry(database: 'passwd' | 'group', key: string): string[] | undefined {
  const { failed, stdout } = execaSync('getent', [database, key], { reject: false });
  if (!failed) return stdout.split(':');
  return lines(`/etc/${database}`).find(([name, , id]) => name === key || (database === 'group' && id === key));
}

function lines(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
