import { rmSync } from 'node:fs';
import { SIDE_FILES } from './rescue.ts';
import { openUnflushed, type SqliteDisk } from './sqlite.ts';

/** Opens a database that nobody misses: one that is broken, by a power cut, or of a newer release is begun anew. Throws where it can't be written. */
export function openScratch(path: string): SqliteDisk {
  try {
    return openUnflushed(path);
  } catch {
    removeScratch(path);
    return openUnflushed(path);
  }
}

export function removeScratch(path: string): void {
  for (const suffix of ['', ...SIDE_FILES]) rmSync(path + suffix, { force: true });
}
