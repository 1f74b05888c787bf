import { describeError, SignalboxError } from '../errors.ts';
import { Complaint } from '../system/complaint.ts';
import type { Log } from '../system/log.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

/** Passes that failed one after the other: how many, why, and when the next try is due. */
export class Failures {
  #count = 0;
  #isFailing = false;
  #last: { time: number; message: string } | undefined;
  readonly #complaint = new Complaint();
  readonly #log: Pick<Log, 'info' | 'error'>;

  constructor(log: Pick<Log, 'info' | 'error'>) {
    this.#log = log;
  }

  /** Failures since the last success. */
  get count(): number {
    return this.#count;
  }

  /** The newest failure there ever was. */
  get last(): { time: number; message: string } | undefined {
    return this.#last;
  }

  /** The reason why passes fail now, undefined while they succeed. */
  get reason(): string | undefined {
    return this.#isFailing ? this.#last?.message : undefined;
  }

  /** The proxy did not serve a plan; it is not known yet whether any part of it can be served. */
  note(error: unknown, now: number): void {
    this.#isFailing = true;
    this.#last = { time: now, message: describeError(error) };
  }

  /** A pass failed. */
  add(error: unknown, now: number): void {
    const message = describeError(error);
    this.#count++;
    this.note(error, now);
    if (!this.#complaint.isNews(message, now)) return;
    const hint = error instanceof SignalboxError ? error.hint : undefined;
    this.#log.error(
      { event: 'failure', failures: this.#count, hint },
      `the proxy does not serve the newest table yet: ${message}`,
    );
  }

  /** A pass succeeded. */
  end(generation: number): void {
    if (this.#count > 0) {
      this.#log.info(
        { event: 'recovery', generation, failures: this.#count },
        'the proxy serves the newest table again',
      );
    }
    this.#count = 0;
    this.#isFailing = false;
    this.#complaint.end();
  }

  /** Milliseconds until the next try: exponential backoff with a cap, times 25 to 100 % so that daemons don't try in step. */
  retryDelay(): number {
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#count, 10));
    return ceiling * (0.25 + 0.75 * Math.random());
  }
}
