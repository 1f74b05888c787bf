import { chmodSync, copyFileSync, linkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeTempDir } from '../tmp.ts';

/** The same program in a folder that none but its owner may enter, as in a clone in root's home. */
export function inClosedFolder(program: string): string {
  const path = inOpenFolder(program);
  chmodSync(join(path, '..'), 0o700);
  return path;
}

/** The same program in a folder that everybody may enter, wherever the clone lies. */
export function inOpenFolder(program: string): string {
  const path = join(makeTempDir(), basename(program));
  try {
    linkSync(program, path);
  } catch {
    // Another file system.
    copyFileSync(program, path);
  }
  return path;
}
