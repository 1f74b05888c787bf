import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, unlinkSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Breather } from '../../system/breather.ts';
import { namesIn } from './names-in.ts';

/** What such a folder is called while it is being removed: nothing that an earlier process left may be in its way. */
const GONE = 'gone-';

/**
 * Takes a folder away in one step, which may throw, and removes it beside other work, which may take a while and never rejects. What a
 * crash leaves, `removeLeft` removes.
 */
export function discard(path: string): Promise<void> {
  const gone = join(dirname(path), `${GONE}${randomUUID()}`);
  renameSync(path, gone);
  return removeTree(gone).catch(() => {});
}

/** Removes what is left of discarded folders, beside other work. */
export function removeLeft(dir: string): void {
  for (const name of readdirSync(dir)) if (name.startsWith(GONE)) removeTree(join(dir, name)).catch(() => {});
}

/**
 * Removes a folder that may have 100,000 names, also while another call does. fs.promises.rm asks for all of them at once, which keeps
 * others from their turn.
 */
async function removeTree(path: string, breather = new Breather()): Promise<void> {
  for (const item of namesIn(path)) {
    const below = join(path, item.name);
    if (item.isDirectory()) await removeTree(below, breather);
    else unlink(below);
    if (breather.isDue) await breather.rest();
  }
  // Not rmdirSync: of a folder that had so many names it takes 200 ms.
  await rmdir(path);
}

/** It may be gone already. */
function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
