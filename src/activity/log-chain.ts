import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { LogCursor } from '../store/store.ts';
import { hasHead, inodeOf } from './log-file.ts';

/** A file to be read, and from where on. */
export interface Piece {
  readonly path: string;
  readonly offset: number;
}

interface Sibling {
  readonly path: string;
  readonly inode: number;
  readonly size: number;
  readonly changed: number;
}

const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4)$/;

/**
 * The files that a reader has to go on with: first the one of the cursor, whatever its name is by now, then newer ones, the log
 * itself last. When the cursor's file is gone: the log alone, from its beginning.
 */
export function chainFrom(path: string, cursor: LogCursor): Piece[] {
  const files = [path, ...moved(path)].flatMap(look);
  // If the log itself can't be read, the caller gets the error.
  const starts = (file: Sibling) =>
    file.path === path ? hasHead(path, cursor.head) : startsAs(file.path, cursor.head);
  const is = (file: Sibling) => file.size >= cursor.offset && starts(file);
  const first =
    files.find((file) => file.inode === cursor.inode && is(file)) ?? (cursor.head ? files.find(is) : undefined);
  if (first === undefined) return [{ path, offset: 0 }];
  const start = { path: first.path, offset: cursor.offset };
  if (first.path === path) return [start];
  const later = files
    .filter((file) => file !== first && file.path !== path && file.changed >= first.changed)
    .sort((a, b) => a.changed - b.changed);
  return [start, ...later.map((file) => ({ path: file.path, offset: 0 })), { path, offset: 0 }];
}

/** The copy that copytruncate made of a file before it emptied it, with what has not been read yet. */
export function copyOf(path: string, { offset, head }: LogCursor): Piece | undefined {
  if (head === '') return undefined;
  const copy = moved(path)
    .flatMap(look)
    .find((file) => file.size > offset && startsAs(file.path, head));
  return copy && { path: copy.path, offset };
}

/** Names that rotation gives: `access.log.1`, `access.log-20261122`; with `extension .log` `access-20261122.log`. */
function moved(path: string): string[] {
  const [folder, name, extension] = [dirname(path), basename(path), extname(path)];
  const stem = basename(path, extension);
  const isMoved = (other: string) =>
    other.startsWith(`${name}.`) ||
    other.startsWith(`${name}-`) ||
    (other.startsWith(stem) && other.endsWith(extension) && /^[-.]\d/.test(other.slice(stem.length)));
  try {
    return readdirSync(folder)
      .filter((other) => isMoved(other) && !COMPRESSED.test(other))
      .map((other) => join(folder, other));
  } catch {
    return [];
  }
}

function look(path: string): Sibling[] {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return [];
    return [{ path, inode: inodeOf(stats), size: stats.size, changed: stats.mtimeMs }];
  } catch {
    return [];
  }
}

function startsAs(path: string, head: string): boolean {
  try {
    return hasHead(path, head);
  } catch {
    return false;
  }
}
