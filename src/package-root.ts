import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: the same from src/ and from the bundles in dist/. */
export const PACKAGE_ROOT = find(import.meta.dirname);

function find(dir: string): string {
  return existsSync(join(dir, 'package.json')) ? dir : find(dirname(dir));
}
