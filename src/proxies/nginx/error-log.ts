import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const POLL_MS = 500;
const MAX_BYTES = 10 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** `2026/11/22 11:23:37 [notice] 3443#3443: *12 text` */
const LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)$/;

/** Passes what nginx writes into its error log on to ours, and keeps that file small. */
export class ErrorLog {
  readonly path: string;
  readonly #log: { warn(fields: object, message: string): void };
  readonly #reopen: () => void;
  #offset = 0;
  #rest = '';
  #errors: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `reopen` makes nginx open the file anew after it was moved away (signal USR1). */
  constructor(path: string, log: { warn(fields: object, message: string): void }, reopen: () => void) {
    this.path = path;
    this.#log = log;
    this.#reopen = reopen;
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

  /** What was said at level emerg, alert or crit since the last call: why nginx refused a configuration. */
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
      this.#reopen();
    }
  }

  #pass(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      const match = LINE.exec(line);
      const level = match?.[1] ?? 'error';
      const message = match?.[2] ?? line;
      if (/emerg|alert|crit/.test(level) || !match) this.#errors = [...this.#errors.slice(-9), message];
      this.#log.warn({ source: 'nginx', level }, message);
    }
  }
}
