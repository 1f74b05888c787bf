import { unlinkSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Breather } from '../../system/breather.ts';
import { namesIn } from './names-in.ts';

/** Removes a folder that may have 100,000 names. fs.promises.rm asks for all of them at once, which keeps others from their turn. */
export async function removeTree(path: string, breather = new Breather()): Promise<void> {
  for (const item of namesIn(path)) {
    const below = join(path, item.name);
    if (item.isDirectory()) await removeTree(below, breather);
    else unlinkSync(below);
    if (breather.isDue) await breather.rest();
  }
  // Not rmdirSync: of a folder that had so many names it takes 200 ms.
  await rmdir(path);
}
