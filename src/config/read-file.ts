import { readFileSync, statSync } from 'node:fs';

/** Reads a small text file; replaced in tests. */
export type ReadFile = (path: string) => { readonly text: string; readonly mode: number };

/** The file of that path and its permission bits; throws Node's errors. */
export const readTextFile: ReadFile = (path) => ({
  text: readFileSync(path, 'utf8'),
  mode: statSync(path).mode & 0o777,
});

/** Why a file can't be read, without its path: the caller says which one it is, or keeps it to itself. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  const words: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    ENAMETOOLONG: 'the path is too long',
  };
  return words[code] ?? code;
}
