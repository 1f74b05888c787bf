import { statSync } from 'node:fs';
import type { LogCursor } from '../store/store.ts';
import { chainFrom, copyOf } from './log-chain.ts';
import { inodeOf, LogFile, type OnLine } from './log-file.ts';

/** About 2,500 lines, some 2 ms: the API gets its turn after each. */
const SLICE = 256 * 1024;
/** How long a file that was moved away is still read after it last grew: its writers go on until each has opened the new one. */
const LINGER_MS = 5_000;
/** Files that were moved away and are still read. More would be a mistake of whoever moves them. */
const MOST_MOVED = 8;

/**
 * Reads a log as it grows and is moved about: rename and create, copytruncate, truncation, a file that appears later.
 * Bounded memory whatever the backlog. Not seen: a file that is truncated and has within one poll grown beyond where it was,
 * with the same first lines; and what copytruncate itself loses between its copy and its cut.
 */
export class Tail {
  readonly #path: string;
  readonly #onLine: OnLine;
  readonly #onSkip: () => void;
  readonly #buffer = Buffer.allocUnsafe(SLICE);
  /** Moved away, oldest first; what they still get is read before the current one. */
  #moved: { file: LogFile; grew: number }[] = [];
  /** The one under the name, as far as is known. */
  #current: LogFile | undefined;

  /** `onSkip` is told of lines that are too long to be read. */
  constructor(path: string, onLine: OnLine, onSkip: () => void, cursor?: LogCursor, now = Date.now()) {
    this.#path = path;
    this.#onLine = onLine;
    this.#onSkip = onSkip;
    for (const piece of cursor ? chainFrom(path, cursor) : []) {
      const file = openIfPossible(piece.path, piece.offset);
      if (piece.path === path) this.#current = file;
      else if (file) this.#moved.push({ file, grew: now });
    }
  }

  /** Where a later reader has to go on; undefined while there has been no file. Later files are read again from their front. */
  get cursor(): LogCursor | undefined {
    return (this.#moved[0]?.file ?? this.#current)?.cursor;
  }

  /** Bytes that aren't read yet. */
  get backlog(): number {
    const files = [...this.#moved.map(({ file }) => file), ...(this.#current ? [this.#current] : [])];
    return files.reduce((sum, file) => sum + file.backlog, 0);
  }

  /** Is the file under the name the only one that is read? Then those that were moved away are done with. */
  get isSettled(): boolean {
    return this.#moved.length === 0 && this.#current !== undefined && this.#current.inode === this.#inodeOfName();
  }

  /** Reads one slice. True when there may be more at once, false at the end of what is there. */
  poll(now = Date.now()): boolean {
    for (const moved of this.#moved) {
      if (moved.file.isTruncated() || !this.#read(moved.file)) continue;
      moved.grew = now;
      return true;
    }
    this.#current ??= LogFile.open(this.#path);
    if (this.#current === undefined) return false;
    if (this.#current.isTruncated()) this.#cut(this.#current, now);
    if (this.#read(this.#current)) return true;
    this.#letGo(now);
    return this.#follow(now);
  }

  close(): void {
    for (const { file } of this.#moved) file.close();
    this.#current?.close();
    this.#moved = [];
    this.#current = undefined;
  }

  #read(file: LogFile): boolean {
    return file.read(this.#buffer, this.#onLine, this.#onSkip);
  }

  /** The file was emptied: its copy, if there is one, has what wasn't read of it. */
  #cut(file: LogFile, now: number): void {
    const copy = copyOf(this.#path, file.cursor);
    const opened = copy && LogFile.open(copy.path, copy.offset);
    if (opened) this.#add(opened, now);
    file.restart();
  }

  /** At the end of the file: is there another one under the name by now? */
  #follow(now: number): boolean {
    const current = this.#current as LogFile;
    const inode = this.#inodeOfName();
    if (inode === undefined || inode === current.inode) return false;
    this.#add(current, now);
    this.#current = LogFile.open(this.#path);
    return this.#current !== undefined;
  }

  /** Whoever writes has moved on when the new file has lines; each of its processes does so by itself. */
  #letGo(now: number): void {
    const current = this.#current as LogFile;
    if (this.#moved.length === 0 || current.size === 0) return;
    const [done, rest] = partition(this.#moved, ({ grew }) => now - grew >= LINGER_MS);
    for (const { file } of done) file.close();
    this.#moved = rest;
  }

  #add(file: LogFile, now: number): void {
    this.#moved.push({ file, grew: now });
    if (this.#moved.length > MOST_MOVED) this.#moved.shift()?.file.close();
  }

  #inodeOfName(): number | undefined {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    return stats && inodeOf(stats);
  }
}

/** What can't be read now is tried, and complained of, with each poll. */
function openIfPossible(path: string, offset: number): LogFile | undefined {
  try {
    return LogFile.open(path, offset);
  } catch {
    return undefined;
  }
}

function partition<T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}
