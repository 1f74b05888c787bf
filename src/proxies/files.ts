import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

let counter = 0;

/** A name beside `path` that nothing else uses: same folder, so that rename(2) is atomic. */
function temporaryName(path: string): string {
  return `${path}.new-${process.pid}-${++counter}`;
}

/** Replaces a file so that a reader sees the old or the new text, never a part; on disk before the name changes. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const temporary = temporaryName(path);
  try {
    const fd = openSync(temporary, 'wx', mode);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
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
