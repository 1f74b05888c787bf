import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The owner of a file, when that is not our own user. */
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
 * Replaces a file so that a reader sees the old or the new text, never a part, even after a power cut. A file that is as it
 * should be is left alone: that needs no room on a full disk.
 */
export function replaceFile(path: string, text: string, mode?: number, owner?: Owner): void {
  replaceFiles(dirname(path), { [basename(path)]: text }, mode, owner);
}

/** Replaces several files of one folder, one after the other; those without a text are removed. */
export function replaceFiles(
  folder: string,
  texts: Readonly<Record<string, string | undefined>>,
  mode = 0o600,
  owner?: Owner,
): void {
  let changed = false;
  for (const [name, text] of Object.entries(texts)) {
    const path = join(folder, name);
    if (text === undefined ? !lstatSync(path, { throwIfNoEntry: false }) : isAlready(path, text, mode, owner)) continue;
    if (text === undefined) rmSync(path);
    else replace(path, text, mode, owner);
    changed = true;
  }
  if (changed) syncFolder(folder);
}

function replace(path: string, text: string, mode: number, owner: Owner | undefined): void {
  const temporary = temporaryName(path);
  try {
    // Not writeSync, which silently writes less when the disk is full.
    writeFileSync(temporary, text, { flag: 'wx', mode, flush: true });
    if (owner) chownSync(temporary, owner.uid, owner.gid);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw withPath(error, path);
  }
}

/** Flushes a folder: only then is a new name in it on disk, see fsync(2). Not every file system and user can do it. */
export function syncFolder(dir: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(dir, 'r');
    fsyncSync(fd);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EINVAL', 'ENOTSUP', 'EACCES', 'EPERM'].includes(code)) throw withPath(error, dir);
  } finally {
    if (fd !== undefined) closeSync(fd);
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
