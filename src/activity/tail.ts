import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LogCursor } from '../store/store.ts';

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;
/** A longer line is no line of an access log: it is skipped, in bounded memory. */
const MAX_LINE = 1024 * 1024;
/** Bytes at the front by which a file that was truncated and has grown again is recognized. */
const HEAD = 64;
/** How long a file that was moved away is still read: its writer goes on until it is told to open a new one. */
const LINGER_MS = 5_000;
const MOVING_MS = 1_000;

/**
 * Reads a log as it grows, a slice at a time, and never a byte twice. Follows rename and create, copytruncate and
 * truncation, a file that appears later; memory is bounded whatever the backlog. Not seen: a file that is truncated and
 * within one poll grows beyond where it was, with the same first 64 bytes.
 */
export class Tail {
  readonly #path: string;
  readonly #onLine: (line: Buffer) => void;
  readonly #chunk = Buffer.allocUnsafe(CHUNK);
  #fd: number | undefined;
  #inode = 0;
  /** Next byte to read; the line that is not complete yet lies before it, in #rest. */
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);
  #skipping = false;
  #head: Buffer = Buffer.alloc(0);
  #movedAt: number | undefined;

  constructor(path: string, onLine: (line: Buffer) => void, cursor?: LogCursor) {
    this.#path = path;
    this.#onLine = onLine;
    if (cursor) this.#resume(cursor);
  }

  /** Where a later reader has to go on; undefined while there has been no file. */
  get cursor(): LogCursor | undefined {
    return this.#inode === 0 ? undefined : { inode: this.#inode, offset: this.#offset - this.#rest.length };
  }

  /** Bytes of the file that aren't read yet. */
  get backlog(): number {
    return this.#fd === undefined ? 0 : Math.max(0, fstatSync(this.#fd).size - this.#offset);
  }

  /** Reads one slice. True when there is more at once, false at the end of what is there. */
  poll(now = Date.now()): boolean {
    if (this.#fd === undefined && !this.#open(this.#path)) return false;
    this.#checkTruncated();
    if (this.#read()) return true;
    return this.#follow(now);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** The file may have been moved since: look for its inode beside it. */
  #resume({ inode, offset }: LogCursor): void {
    const folder = dirname(this.#path);
    const names = [this.#path, ...list(folder).map((name) => join(folder, name))];
    const path = names.find((name) => inodeOf(name) === inode);
    if (path === undefined || !this.#open(path)) return;
    this.#offset = offset <= fstatSync(this.#fd as number).size ? offset : 0;
  }

  #open(path: string): boolean {
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
    this.#inode = fstatSync(this.#fd).ino;
    this.#restart();
    return true;
  }

  #restart(): void {
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
    this.#skipping = false;
    this.#head = Buffer.alloc(0);
    this.#movedAt = undefined;
  }

  #checkTruncated(): void {
    const fd = this.#fd as number;
    const { size } = fstatSync(fd);
    if (size < this.#offset) this.#restart();
    if (size === this.#offset || this.#offset === 0) return;
    const head = Buffer.alloc(Math.min(HEAD, this.#offset));
    readSync(fd, head, 0, head.length, 0);
    if (this.#head.length === 0) this.#head = head;
    else if (!head.subarray(0, this.#head.length).equals(this.#head)) this.#restart();
  }

  #read(): boolean {
    const read = readSync(this.#fd as number, this.#chunk, 0, CHUNK, this.#offset);
    if (read === 0) return false;
    this.#offset += read;
    const slice = this.#chunk.subarray(0, read);
    let from = 0;
    for (let end = slice.indexOf(NEWLINE); end >= 0; end = slice.indexOf(NEWLINE, from)) {
      this.#line(slice.subarray(from, end));
      from = end + 1;
    }
    this.#keep(slice.subarray(from));
    return true;
  }

  #line(end: Buffer): void {
    const line = this.#rest.length === 0 ? end : Buffer.concat([this.#rest, end]);
    if (!this.#skipping && line.length > 0) this.#onLine(withoutNuls(line));
    this.#rest = EMPTY;
    this.#skipping = false;
  }

  #keep(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    if (this.#rest.length + part.length > MAX_LINE) {
      this.#skipping = true;
      this.#rest = EMPTY;
    } else this.#rest = Buffer.concat([this.#rest, part]);
  }

  /** At the end of the file: is there another one under the name by now? */
  #follow(now: number): boolean {
    const inode = inodeOf(this.#path);
    if (inode === undefined || inode === this.#inode) {
      this.#movedAt = undefined;
      return false;
    }
    this.#movedAt ??= now;
    // A file with lines: the writer has begun to move on, each of its processes by itself.
    const begun = (statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) > 0;
    if (now - this.#movedAt < (begun ? MOVING_MS : LINGER_MS)) return false;
    this.close();
    return this.#open(this.#path);
  }
}

const EMPTY = Buffer.alloc(0);

/** A writer without O_APPEND leaves a hole of NULs in front after copytruncate. */
function withoutNuls(line: Buffer): Buffer {
  if (line[0] !== 0) return line;
  const start = line.findIndex((byte) => byte !== 0);
  return start < 0 ? EMPTY : line.subarray(start);
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
