import { existsSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Breather } from '../../system/breather.ts';

/**
 * Removes folders that are empty, then their parents if that leaves them empty. Level by level, so that a folder with 100,000
 * names is checked once, and not once for each name that was removed, which takes minutes.
 */
export async function prune(
  folders: ReadonlySet<string>,
  isTop: (folder: string) => boolean,
  breather: Breather,
): Promise<void> {
  for (let level = folders; level.size > 0; ) {
    const above = new Set<string>();
    for (const folder of level) {
      if (!isTop(folder) && removeFolder(folder)) above.add(dirname(folder));
      if (breather.isDue) await breather.rest();
    }
    level = above;
  }
}

/** The same for one folder that may not be there, up to `top`. */
export function pruneOne(folder: string, top: string): void {
  for (let one = folder; one !== top && (removeFolder(one) || !existsSync(one)); ) one = dirname(one);
}

/** False when the folder isn't empty or is gone already. */
function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
