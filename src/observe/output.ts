import { fstatSync, writeFileSync } from 'node:fs';

/** Told how a write ended. */
type Done = (error?: Error | null) => void;

type Output = typeof process.stdout | typeof process.stderr;

type Write = (text: string, done: Done) => void;

/** The most bytes that wait for a reader: one that has stopped reading must not use up our memory. */
const MOST_WAITING = 1024 * 1024;

/**
 * How to write to standard output or error so that a reader that has gone, or a full disk, is told to `done` and ends
 * nothing: an 'error' event that nobody listens to would end the process.
 */
export function writeTo(stream: Output): Write {
  stream.on('error', () => {});
  // On a disk that fills up a write to a file may be short, which Node takes for a complete one.
  if (!fstatSync(stream.fd).isFile()) return (text, done) => void stream.write(text, done);
  let torn = false;
  return (text, done) => {
    try {
      writeFileSync(stream.fd, torn ? `\n${text}` : text);
    } catch (error) {
      torn = true;
      return done(error as Error);
    }
    torn = false;
    done();
  };
}

/**
 * Writes lines for a reader that may pause: lines that can't be written are dropped and counted, and `onLost` gives the line that
 * says so as soon as lines can be written again.
 */
export class LossyLines {
  readonly #stream: Output;
  readonly #write: Write;
  #lost = 0;
  /** Why lines are being lost; undefined: none is, or it was said. */
  #unsaid: string | undefined;
  onLost: (lost: number, reason: string) => void = () => {};

  constructor(stream: Output) {
    this.#stream = stream;
    this.#write = writeTo(stream);
  }

  get isTTY(): boolean {
    return this.#stream.isTTY;
  }

  write(line: string): void {
    if (this.#stream.writableLength > MOST_WAITING) {
      this.#lose('nobody read them');
      return;
    }
    this.#write(line, (error) => {
      if (error) return this.#lose(error.message);
      if (this.#unsaid === undefined || this.#stream.writableLength > 0) return;
      const reason = this.#unsaid;
      this.#unsaid = undefined;
      this.onLost(this.#lost, reason);
    });
  }

  #lose(reason: string): void {
    this.#lost++;
    this.#unsaid = reason;
  }
}
