import { statfsSync } from 'node:fs';

/** Less than any file that matters needs: then it is the disk that a failure is about. */
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
