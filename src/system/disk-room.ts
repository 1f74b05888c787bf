import { statfsSync } from 'node:fs';

/** Bytes: with less room than this, the full disk is the likely cause of a failure. */
const LITTLE = 64 * 1024;

/** Is there room for so many bytes on the file system of a folder? */
export function hasRoom(dir: string, bytes = 0): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize >= LITTLE + bytes;
  } catch {
    return true;
  }
}
