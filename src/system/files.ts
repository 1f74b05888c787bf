import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Whom a file is for, when that is not ourselves. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

let counter = 0;

/** A name beside `path` that nothing else uses: same folder, so that rename(2) is atomic. */
function temporaryName(path: string): string {
  return `${path}.new-${process.pid}-${++counter}`;
}

/**
 * Replaces a file so that a reader sees the old or the new text, never a part; on disk before the name changes. One that is
 * as it should be is left alone: that needs no room on a full disk.
 */
export function replaceFile(path: string, text: string, mode = 0o600, owner?: Owner): void {
  if (isAlready(path, text, mode, owner)) return;
  const temporary = temporaryName(path);
  try {
    // Not writeSync: what it can't write for lack of room it leaves out without a word.
    writeFileSync(temporary, text, { flag: 'wx', mode, flush: true });
    if (owner) chownSync(temporary, owner.uid, owner.gid);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw withPath(error, path);
  }
}

function isAlready(path: string, text: string, mode: number, owner: Owner | undefined): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || (stats.mode & 0o7777) !== mode || stats.uid !== (owner?.uid ?? process.getuid?.()))
    return false;
  return stats.size === Buffer.byteLength(text) && readFileSync(path, 'utf8') === text;
}

/** Node names no path where a descriptor was written to: `ENOSPC: no space left on device, write`. */
export function withPath(error: unknown, path: string): unknown {
  const failure = error as NodeJS.ErrnoException;
  if (failure.path === undefined) failure.message += ` '${path}'`;
  return error;
}

/** The text of a file, undefined when it isn't there. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes a folder with exactly this mode, whatever the umask says. A volume that is mounted there may belong to someone else
 * (root and our group, in Kubernetes), who then decides about its mode.
 */
export function ensureFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true });
  try {
    chmodSync(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}
