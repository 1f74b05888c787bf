import { statfsSync } from 'node:fs';

/** Less than any file that matters needs: then it is the disk that a failure is about. */
const LITTLE = 64 * 1024;

/** Is there room on the file system of a folder? */
export function hasRoom(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize >= LITTLE;
  } catch {
    return true;
  }
}
