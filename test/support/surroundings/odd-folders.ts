import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from '../tmp.ts';

/** Names of folders that mean something to a shell, to nginx, to YAML or to Go's templates. */
export const ODD_NAMES = ['a $b', 'a"b\'c', 'a;b{c}#d', 'a{{b}}', 'a\nb', 'a\\b', ' a ', 'ä%2e*?[b]'] as const;

/** Makes a folder of such a name; with more names they lie in each other. */
export function makeOddFolder(...names: readonly string[]): string {
  const path = join(makeTempDir(), ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A folder whose path has so many bytes: a unix socket below it may have 107 (unix(7)). */
export function makeLongFolder(bytes: number): string {
  let path = makeTempDir();
  while (path.length < bytes) path = join(path, 'x'.repeat(Math.max(1, Math.min(200, bytes - path.length - 1))));
  mkdirSync(path, { recursive: true });
  return path;
}

/** A folder into which only its owner may look, as mktemp(1) makes it. */
export function makePrivateFolder(): string {
  const path = join(makeTempDir(), 'private');
  mkdirSync(path, { mode: 0o700 });
  return path;
}
