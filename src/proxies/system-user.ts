import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SignalboxError } from '../errors.ts';

/** A user of this machine whom a proxy runs as when Signalbox is root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
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
  const [, , uid, gid] = lines('/etc/passwd').find(([user]) => user === name) ?? [];
  if (uid === undefined) {
    throw new SignalboxError('BAD_CONFIG', `there is no user ${JSON.stringify(name)} for ${who}`, {
      hint: `Name one with --${setting}, for example www-data.`,
    });
  }
  return { name, uid: Number(uid), gid: Number(gid), group: lines('/etc/group').find(([, , id]) => id === gid)?.[0] };
}

/** Throws STATE_UNUSABLE when the user can't pass through one of the folders above `path`. */
export function checkReach(path: string, user: SystemUser, { who, setting }: Purpose): void {
  const closed = closedFolder(path, user);
  if (closed === undefined) return;
  throw new SignalboxError('STATE_UNUSABLE', `${who} run as ${user.name} and cannot pass through ${closed}`, {
    hint: `Choose a --state-dir that other users may pass through, such as /var/lib/signalbox, or another --${setting}.`,
  });
}

/** The folder above `path` that keeps the user out. */
export function closedFolder(path: string, { uid, gid }: Pick<SystemUser, 'uid' | 'gid'>): string | undefined {
  if (uid === 0) return undefined;
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const stat = statSync(dir);
    const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
    if ((stat.mode & bit) === 0) return dir;
    if (dir === '/') return undefined;
  }
}

function lines(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
