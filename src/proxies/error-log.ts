import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const POLL_MS = 500;
const MAX_BYTES = 10 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** A refusal that comes again with each try is passed on once in this time. */
const QUIET_MS = 60_000;

/** What a line of a proxy's log says. */
export interface ErrorLine {
  readonly level: string;
  readonly message: string;
  /** Why the proxy refused what it was given. */
  readonly isRefusal: boolean;
}

export interface ErrorLogOptions {
  readonly path: string;
  /** The proxy, by its driver's name. */
  readonly source: string;
  /** Undefined for a line that is not to be passed on. */
  readonly parse: (line: string) => ErrorLine | undefined;
  /** Makes the proxy open the file anew after it was moved away (signal USR1). */
  readonly reopen: () => void;
  readonly log: { warn(fields: object, message: string): void };
}

/** Passes what a proxy writes into its error log on to ours, and keeps that file small. */
export class ErrorLog {
  readonly path: string;
  readonly #options: ErrorLogOptions;
  #offset = 0;
  #rest = '';
  #errors: string[] = [];
  #refusal: { message: string; at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ErrorLogOptions) {
    this.path = options.path;
    this.#options = options;
  }

  /** Begins behind what is there already. */
  start(): void {
    closeSync(openSync(this.path, 'a', 0o600));
    this.#offset = statSync(this.path).size;
    this.#timer = setInterval(() => this.#read(), POLL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#timer) this.#read();
    this.#timer = undefined;
  }

  /** The refusals since the last call: why the proxy did not take a configuration. */
  takeErrors(): string[] {
    if (this.#timer) this.#read();
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  #read(): void {
    const { size } = statSync(this.path, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size < this.#offset) this.#offset = 0;
    while (this.#offset < size) {
      const buffer = Buffer.alloc(Math.min(CHUNK, size - this.#offset));
      const fd = openSync(this.path, 'r');
      const read = readSync(fd, buffer, 0, buffer.length, this.#offset);
      closeSync(fd);
      if (read === 0) return;
      this.#offset += read;
      this.#pass(buffer.toString('utf8', 0, read));
    }
    if (size > MAX_BYTES) {
      renameSync(this.path, `${this.path}.1`);
      closeSync(openSync(this.path, 'a', 0o600));
      this.#offset = 0;
      this.#options.reopen();
    }
  }

  #pass(text: string): void {
    const { source, parse, log } = this.#options;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = line === '' ? undefined : parse(line);
      if (!parsed) continue;
      const { level, message, isRefusal } = parsed;
      if (isRefusal) this.#errors = [...this.#errors.slice(-9), message];
      if (!isRefusal || this.#isNews(message)) log.warn({ source, level }, message);
    }
  }

  #isNews(message: string): boolean {
    const last = this.#refusal;
    if (last?.message === message && Date.now() - last.at < QUIET_MS) return false;
    this.#refusal = { message, at: Date.now() };
    return true;
  }
}
