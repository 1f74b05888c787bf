import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { SignalboxError } from '../errors.ts';
import type { LogCursor } from '../store/store.ts';

/** Takes one line, without its end, out of a buffer that is used again. */
export type OnLine = (bytes: Buffer, from: number, to: number) => void;

const NEWLINE = 0x0a;
/** A longer line is no line of an access log: it is skipped, in bounded memory. */
const MAX_LINE = 1024 * 1024;
/** Bytes at the front by which a file is known. The first line alone tells the time to the millisecond. */
const HEAD = 1024;

/** One open file of a log, read as it grows, a slice at a time, no byte twice. */
export class LogFile {
  readonly inode: number;
  /** Undefined once it is closed, as the number may be reused. */
  #open: number | undefined;
  /** Next byte to read; a line that is not complete yet lies before it, in #rest. */
  #offset: number;
  #rest: Buffer = EMPTY;
  #skipping = false;
  /** The first bytes, as far as they were read. */
  #head: Buffer = EMPTY;
  /** When it was last changed, as of the last look whether it was truncated. */
  #changed = 0;

  /** Undefined when there is no such file (yet). Throws for what is no file, or may not be read. */
  static open(path: string, offset = 0): LogFile | undefined {
    let fd: number;
    try {
      // A FIFO would block the whole process.
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      if (!fstatSync(fd).isFile()) throw new SignalboxError('INTERNAL', `${path} is not a file`);
      return new LogFile(fd, offset);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  private constructor(fd: number, offset: number) {
    this.#open = fd;
    this.inode = inodeOf(fstatSync(fd));
    this.#offset = offset;
    // An earlier reader may have stopped in the middle of a line that is too long.
    this.#skipping = offset > 0 && !isLineStart(fd, offset);
  }

  /** Where a later reader has to go on. */
  get cursor(): LogCursor {
    return { inode: this.inode, offset: this.#offset - this.#rest.length, head: fingerprint(this.#knownHead()) };
  }

  /** Bytes that have not been read yet; 0 while the file can't be looked at. */
  get backlog(): number {
    try {
      return Math.max(0, this.size - this.#offset);
    } catch {
      return 0;
    }
  }

  get size(): number {
    return fstatSync(this.#fd).size;
  }

  /** Was it made shorter, or replaced by other content, since it was last read? */
  isTruncated(): boolean {
    const { size, mtimeMs } = fstatSync(this.#fd);
    if (size < this.#offset) return true;
    if (size === this.#offset && mtimeMs === this.#changed) return false;
    this.#changed = mtimeMs;
    const known = this.#knownHead();
    return !readHead(this.#fd, known.length).equals(known);
  }

  /** Begins again at the front. */
  restart(): void {
    this.#offset = 0;
    this.#rest = EMPTY;
    this.#skipping = false;
    this.#head = EMPTY;
  }

  /** Reads one slice, as long as the buffer; false at the end of what is there. `onSkip` is told of each line too long to be one. */
  read(buffer: Buffer, onLine: OnLine, onSkip: () => void): boolean {
    const length = readSync(this.#fd, buffer, 0, buffer.length, this.#offset);
    if (length === 0) return false;
    this.#offset += length;
    this.#knownHead();
    const slice = buffer.subarray(0, length);
    let from = this.#rest.length === 0 && !this.#skipping ? afterNuls(slice, 0) : 0;
    for (let end = slice.indexOf(NEWLINE, from); end >= 0; end = slice.indexOf(NEWLINE, from)) {
      if (this.#skipping) this.#skipping = false;
      else if (this.#rest.length > 0) this.#joined(slice.subarray(from, end), onLine);
      else if (end > from) onLine(slice, from, end);
      from = slice[end + 1] === 0 ? afterNuls(slice, end + 1) : end + 1;
    }
    this.#keep(slice.subarray(from), onSkip);
    return true;
  }

  /** Does nothing the second time. */
  close(): void {
    const fd = this.#open;
    this.#open = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  get #fd(): number {
    if (this.#open === undefined) throw new SignalboxError('INTERNAL', 'this log is closed');
    return this.#open;
  }

  #joined(end: Buffer, onLine: OnLine): void {
    const line = Buffer.concat([this.#rest, end]);
    this.#rest = EMPTY;
    onLine(line, 0, line.length);
  }

  #keep(part: Buffer, onSkip: () => void): void {
    if (this.#skipping || part.length === 0) return;
    if (this.#rest.length + part.length > MAX_LINE) {
      this.#skipping = true;
      this.#rest = EMPTY;
      onSkip();
    } else this.#rest = Buffer.concat([this.#rest, part]);
  }

  #knownHead(): Buffer {
    const length = Math.min(HEAD, this.#offset);
    if (this.#head.length < length) this.#head = readHead(this.#fd, length);
    return this.#head;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Does the file begin like the one of the cursor with this `head`? */
export function hasHead(path: string, head: string): boolean {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return fingerprint(readHead(fd, Number.parseInt(head, 10) || 0)) === head;
  } finally {
    closeSync(fd);
  }
}

/** The inode as a number that SQLite and JavaScript both hold exactly. */
export function inodeOf({ ino }: Pick<Stats, 'ino'>): number {
  return ino % Number.MAX_SAFE_INTEGER;
}

/** `LENGTH:HASH` */
function fingerprint(head: Buffer): string {
  return head.length === 0
    ? ''
    : `${head.length}:${createHash('sha256').update(head).digest('base64url').slice(0, 22)}`;
}

function readHead(fd: number, length: number): Buffer {
  const head = Buffer.alloc(Math.min(length, HEAD));
  return head.subarray(0, readSync(fd, head, 0, head.length, 0));
}

/** After copytruncate, a writer without O_APPEND leaves NULs at the beginning; a crash may leave some anywhere. */
function afterNuls(slice: Buffer, from: number): number {
  let at = from;
  while (slice[at] === 0) at++;
  return at;
}

function isLineStart(fd: number, offset: number): boolean {
  const before = Buffer.alloc(1);
  return readSync(fd, before, 0, 1, offset - 1) === 0 || before[0] === NEWLINE || before[0] === 0;
}
