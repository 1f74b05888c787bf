import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes programs of the same names into `starters`, which have the loader find the libraries that were unpacked beside them.
 * @param {string} home where packages were unpacked
 * @param {readonly { name: string, path: string }[]} programs
 * @param {string} [variables] more of them, as a shell takes them in front of a command; `$home` is the folder
 */
export function writeStarters(home, programs, variables = '') {
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
  const libraries = new Set(files.filter((file) => /\.so(\.|$)/.test(file)).map(dirname));
  const path = [...libraries].map((library) => `$home/${library}`).join(':');
  mkdirSync(join(home, 'starters'));
  for (const { name, path: program } of programs) {
    const starter = join(home, 'starters', name);
    writeFileSync(
      starter,
      `#!/bin/sh\nhome="\${0%/*}/.."\nLD_LIBRARY_PATH="${path}" ${variables} exec "$home/${program}" "$@"\n`,
    );
    chmodSync(starter, 0o755);
  }
}
