import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { guarded } from '../system/guarded.ts';
import type { Log } from '../system/log.ts';
import { Repeats, shapeOf } from './repeats.ts';

const POLL_MS = 500;
const MAX_BYTES = 10 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** Bytes read at once: however much the proxy writes, other work gets its turn. */
const MOST_BYTES = 1024 * 1024;

/** What a line of a proxy's log says. */
export interface ErrorLine {
  readonly level: string;
  readonly message: string;
  /** Why the proxy refused what it was given. */
  readonly isRefusal: boolean;
  /** Something that its operator has to know, not one request that failed. */
  readonly isSevere: boolean;
}

export interface ErrorLogOptions {
  readonly path: string;
  /** The proxy, by its driver's name. */
  readonly source: string;
  /** Undefined for a line that is not to be passed on. */
  readonly parse: (line: string) => ErrorLine | undefined;
  /** Makes the proxy open the file anew after it was moved away (signal USR1). */
  readonly reopen: () => void;
  readonly log: Pick<Log, 'warn' | 'error'>;
}

/**
 * Passes what a proxy writes into its error log on to ours, and keeps that file small. A proxy may write a line for each request
 * that fails, as fast as anybody asks: the first of each kind is passed on, then one a minute.
 */
export class ErrorLog {
  readonly path: string;
  readonly #options: ErrorLogOptions;
  readonly #repeats = new Repeats<ErrorLine>();
  readonly #tick: () => Promise<void>;
  #offset = 0;
  #rest = '';
  #errors: string[] = [];
  /** How far the file that was moved away has been read; undefined once the proxy writes into the new one. */
  #moved: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ErrorLogOptions) {
    this.path = options.path;
    this.#options = options;
    this.#tick = guarded(options.log, `reading the error log of ${options.source}`, () => this.#look());
  }

  /** Begins behind what is there already. */
  start(): void {
    touch(this.path);
    this.#offset = statSync(this.path).size;
    this.#timer = setInterval(() => void this.#tick(), POLL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#timer) void this.#tick();
    this.#timer = undefined;
  }

  /** The refusals since the last call: why the proxy did not take a configuration. */
  takeRefusals(): string[] {
    if (this.#timer) void this.#tick();
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  #look(): void {
    try {
      this.#read();
    } finally {
      this.#tell();
    }
    this.#rotate();
  }

  #read(): void {
    if (this.#moved !== undefined) {
      const isLast = sizeOf(this.path) > 0;
      const read = this.#readFrom(`${this.path}.1`, this.#moved);
      this.#moved = isLast ? undefined : read;
    }
    this.#offset = this.#readFrom(this.path, this.#offset);
  }

  /** Gives back how far it was read. */
  #readFrom(path: string, from: number): number {
    const size = sizeOf(path);
    let offset = size < from ? 0 : from;
    if (size - offset > MOST_BYTES) {
      const { source, log } = this.#options;
      const bytes = size - offset - MOST_BYTES;
      log.warn({ source, bytes }, `${source} writes errors faster than they are read: some are left out`);
      offset = size - MOST_BYTES;
      this.#rest = '';
    }
    if (offset === size) return offset;
    const fd = openSync(path, 'r');
    try {
      while (offset < size) {
        const buffer = Buffer.alloc(Math.min(CHUNK, size - offset));
        const read = readSync(fd, buffer, 0, buffer.length, offset);
        if (read === 0) break;
        offset += read;
        this.#take(buffer.toString('utf8', 0, read));
      }
    } finally {
      closeSync(fd);
    }
    return offset;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = line === '' ? undefined : this.#options.parse(line);
      if (!parsed) continue;
      const { message, isRefusal } = parsed;
      if (isRefusal) this.#errors = [...this.#errors.slice(-9), message];
      // Another reason for a refusal is news, even if only a number differs.
      this.#repeats.add(isRefusal ? message : shapeOf(message), parsed);
    }
  }

  #tell(): void {
    const { source, log } = this.#options;
    for (const { line, count } of this.#repeats.take(Date.now())) {
      const fields = { source, proxyLevel: line.level, ...(count > 1 ? { count } : {}) };
      if (line.isSevere) log.error(fields, line.message);
      else log.warn(fields, line.message);
    }
  }

  /** Moves a file away that is too large. Makes one anew that was deleted: the proxy would go on writing into the deleted one. */
  #rotate(): void {
    const { size } = statSync(this.path, { throwIfNoEntry: false }) ?? {};
    if (size !== undefined && size <= MAX_BYTES) return;
    // The new one first: without room for it the old one stays.
    touch(`${this.path}.new`);
    if (size !== undefined) {
      renameSync(this.path, `${this.path}.1`);
      this.#moved = this.#offset;
    }
    renameSync(`${this.path}.new`, this.path);
    this.#offset = 0;
    this.#options.reopen();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function touch(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
