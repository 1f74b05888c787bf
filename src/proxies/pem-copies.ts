import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder, type Owner, replaceFiles } from '../system/files.ts';

/**
 * Copies of certificates and keys for a proxy to read: the file name and text of each; without a text where the configuration has
 * none. A proxy that read the originals could neither reload nor start while a renewal is half done, and may not be allowed to
 * read them.
 */
export type PemCopies<Name extends string> = Readonly<Record<Name, readonly [file: string, text: string | undefined]>>;

/** The paths of such files; null where the configuration names none. */
export type PemPaths<Name extends string> = Readonly<Record<Name, string | null>>;

export function pathsOf<Name extends string>(copies: PemCopies<Name>, folder: string): PemPaths<Name> {
  const paths = Object.entries<PemCopies<Name>[Name]>(copies).map(([name, [file, text]]) => [
    name,
    text === undefined ? null : join(folder, file),
  ]);
  return Object.fromEntries(paths) as PemPaths<Name>;
}

export function writeCopies(copies: PemCopies<string>, folder: string, user?: Owner): void {
  ensureFolder(folder, 0o700);
  if (user) chownSync(folder, user.uid, user.gid);
  replaceFiles(folder, Object.fromEntries(Object.values(copies)), 0o600, user);
}
