import { type Dirent, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const READ = ['.yml', '.yaml', '.toml'];

/**
 * What not every user may read of a folder that Traefik watches. It reads the folders in it as well, though not those that are
 * links, and when it can't read one file it takes nothing from any of them.
 */
export function closedFiles(folder: string): string[] {
  return entries(folder).flatMap((item) => {
    const path = join(folder, item.name);
    if (item.isDirectory()) return isOpen(path, 0o5) ? closedFiles(path) : [path];
    return READ.includes(extname(item.name).toLowerCase()) && !isOpen(path, 0o4) ? [path] : [];
  });
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A link that leads nowhere is closed to everybody. */
function isOpen(path: string, right: number): boolean {
  try {
    return (statSync(path).mode & right) === right;
  } catch {
    return false;
  }
}
