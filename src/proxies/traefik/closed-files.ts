import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const READ = ['.yml', '.yaml', '.toml'];

/**
 * What not every user may read of a folder that Traefik watches. It reads the folders below as well, and takes nothing of them
 * all when it can't read one file.
 */
export function closedFiles(folder: string): string[] {
  const closed: string[] = [];
  for (const name of entries(folder)) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) closed.push(...((stat.mode & 0o5) === 0o5 ? closedFiles(path) : [path]));
    else if (READ.includes(extname(name)) && ((stat?.mode ?? 0) & 0o4) === 0) closed.push(path);
  }
  return closed;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
