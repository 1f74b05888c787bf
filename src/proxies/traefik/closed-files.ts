import { type Dirent, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const READ = ['.yml', '.yaml', '.toml'];

/**
 * The files in a folder that Traefik watches which not every user may read. Traefik also reads the folders in it, except links to
 * folders, and when it can't read one file it takes none of them.
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

/** Nobody can read a link that leads nowhere. */
function isOpen(path: string, right: number): boolean {
  try {
    return (statSync(path).mode & right) === right;
  } catch {
    return false;
  }
}
