import { statSync } from 'node:fs';
import type { LogCursor } from '../store/store.ts';
import { chainFrom, copyOf } from './log-chain.ts';
import { inodeOf, LogFile, type OnLine } from './log-file.ts';

/** About 2,500 lines, some 2 ms: the API gets its turn after each. */
const SLICE = 256 * 1024;
/** How long a file that was moved away is read after it last grew: a proxy's processes reopen the log one by one, ms. */
const LINGER_MS = 5_000;
/** The most files that were moved away and are still read. */
const MOST_MOVED = 8;

/**
 * Reads a log as it grows and is moved about: rename and create, copytruncate, truncation, a file that appears later.
 * Its memory does not depend on the backlog. Not noticed: a file that was truncated and within one poll grew beyond its old size
 * with the same first lines. Lost: what copytruncate itself loses between copying and truncating.
 */
export class Tail {
  readonly #path: string;
  readonly #onLine: OnLine;
  readonly #onSkip: () => void;
  readonly #buffer = Buffer.allocUnsafe(SLICE);
  /** Moved away, oldest first; what they still get is read before the current one. */
  #moved: { file: LogFile; since: number; grew: number }[] = [];
  /** The one under the name, as far as is known. */
  #current: LogFile | undefined;
  /** Where an earlier reader stopped, until its file can be opened. */
  #resumeFrom: LogCursor | undefined;
  /** Is the file of an earlier reader gone, and the one with its name still empty? */
  #isAnew = false;

  /** `onSkip` is told of lines that are too long to be read. */
  constructor(path: string, onLine: OnLine, onSkip: () => void, cursor?: LogCursor) {
    this.#path = path;
    this.#onLine = onLine;
    this.#onSkip = onSkip;
    this.#resumeFrom = cursor;
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

  /** Does the proxy seem to write into a file that no longer has the log's name? */
  get isAstray(): boolean {
    const name = this.#inodeOfName();
    return name === undefined || this.#isAnew || this.#moved.some(({ since, grew }) => grew - since >= LINGER_MS);
  }

  /**
   * Reads one slice. True when there may be more at once, false at the end of what is there. Throws while a file can't be opened or
   * read; the next call goes on where this one was.
   */
  poll(now = Date.now()): boolean {
    if (this.#resumeFrom) this.#resume(this.#resumeFrom, now);
    for (const moved of this.#moved) {
      if (moved.file.isTruncated() || !this.#read(moved.file)) continue;
      moved.grew = now;
      return true;
    }
    this.#current ??= LogFile.open(this.#path);
    if (this.#current === undefined) return false;
    if (this.#current.isTruncated()) this.#cut(this.#current, now);
    if (this.#read(this.#current)) {
      this.#isAnew = false;
      return true;
    }
    this.#letGo(now);
    return this.#follow(now);
  }

  close(): void {
    for (const { file } of this.#moved) file.close();
    this.#current?.close();
    this.#moved = [];
    this.#current = undefined;
  }

  #resume(cursor: LogCursor, now: number): void {
    const pieces = chainFrom(this.#path, cursor);
    for (const { path, offset } of pieces) {
      // The log itself comes last. Behind others it is read from its front, as soon as it is there.
      if (path === this.#path && this.#moved.length === 0) this.#current = LogFile.open(path, offset);
      else if (path !== this.#path) this.#addMoved(path, offset, now);
    }
    if (this.#current === undefined && this.#moved.length === 0) return;
    this.#isAnew = this.#current !== undefined && this.#current.inode !== cursor.inode;
    this.#resumeFrom = undefined;
  }

  #read(file: LogFile): boolean {
    return file.read(this.#buffer, this.#onLine, this.#onSkip);
  }

  /** The file was emptied: its copy, if there is one, has what wasn't read of it. */
  #cut(file: LogFile, now: number): void {
    const copy = copyOf(this.#path, file.cursor);
    if (copy) this.#addMoved(copy.path, copy.offset, now);
    file.restart();
  }

  /** At the end of the file: is there another one under the name by now? */
  #follow(now: number): boolean {
    const current = this.#current as LogFile;
    const inode = this.#inodeOfName();
    if (inode === undefined || inode === current.inode) return false;
    // Behind the current one and before the log there are others when it was moved twice since the last look.
    const between = chainFrom(this.#path, current.cursor).slice(1, -1);
    const next = LogFile.open(this.#path);
    if (next === undefined) return false;
    this.#moved.push({ file: current, since: now, grew: now });
    if (this.#moved.length > MOST_MOVED) this.#moved.shift()?.file.close();
    for (const { path, offset } of between) this.#addMoved(path, offset, now);
    this.#current = next;
    return true;
  }

  /** Once the new file has lines, the proxy has moved on; each of its processes does so by itself. */
  #letGo(now: number): void {
    const current = this.#current as LogFile;
    if (this.#moved.length === 0 || current.size === 0) return;
    const [done, rest] = partition(this.#moved, ({ grew }) => now - grew >= LINGER_MS);
    this.#moved = rest;
    for (const { file } of done) file.close();
  }

  /** A file that can't be opened is skipped: it may have been compressed and removed. */
  #addMoved(path: string, offset: number, now: number): void {
    const file = openIfPossible(path, offset);
    if (!file) return;
    if (this.#moved.some((other) => other.file.inode === file.inode)) file.close();
    else this.#moved.push({ file, since: now, grew: now });
  }

  #inodeOfName(): number | undefined {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    return stats && inodeOf(stats);
  }
}

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
