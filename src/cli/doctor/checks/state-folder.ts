import { accessSync, constants, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, fail, ok, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Who may do what in the state folder? */
export function stateFolder({ config: { stateDir }, daemon }: Scene): Finding {
  const stat = statSync(stateDir, { throwIfNoEntry: false });
  if (stat === undefined) {
    return fail(`${stateDir} is not there`, 'signalbox serve makes it. If it has run: it had another state-dir.');
  }
  if (!stat.isDirectory()) return fail(`${stateDir} is no folder`, 'Choose another state-dir.');
  const user = daemon?.uid ?? process.getuid?.() ?? stat.uid;
  const strangers = foreign(stateDir, user);
  if (strangers.length > 0) {
    return fail(
      `user ${user}, as whom Signalbox runs, does not own ${strangers.join(', ')}`,
      `It has run as somebody else, or files were copied in. chown -R ${user} ${stateDir}`,
    );
  }
  if ((stat.mode & 0o022) !== 0) {
    return fail(
      `other users may write to ${stateDir} (mode ${octal(stat)})`,
      `Whoever writes there commands the proxy. chmod go-w ${stateDir}`,
    );
  }
  if (!isWritable(stateDir)) {
    return warn(`${stateDir} can't be written by this user`, 'Run doctor as the user that Signalbox runs as.');
  }
  return ok(`${stateDir}, mode ${octal(stat)}, belongs to user ${stat.uid}`);
}

/** The folder and what Signalbox itself keeps there; files of the proxy may be the proxy's. */
function foreign(stateDir: string, user: number): string[] {
  const names = readable(stateDir).filter((name) => /^(lock|lock\.pid|.*\.(db|sqlite)(-wal|-shm)?)$/.test(name));
  return [stateDir, ...names.map((name) => join(stateDir, name))].filter(
    (path) => lstatSync(path, { throwIfNoEntry: false })?.uid !== user,
  );
}

function readable(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function octal({ mode }: Stats): string {
  return `0${(mode & 0o7777).toString(8)}`;
}
