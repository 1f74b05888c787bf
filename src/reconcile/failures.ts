import { Complaint } from '../system/complaint.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

/** A row of passes that failed: how many, why, and when the next try is due. */
export class Failures {
  #count = 0;
  #last: { time: number; message: string } | undefined;
  readonly #complaint = new Complaint();

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
    return this.#count > 0 ? this.#last?.message : undefined;
  }

  /** True when it is worth a line in the log. */
  add(message: string, now: number): boolean {
    this.#count++;
    this.#last = { time: now, message };
    return this.#complaint.isNews(message, now);
  }

  /** A pass succeeded. */
  end(): void {
    this.#count = 0;
    this.#complaint.end();
  }

  /** Milliseconds until the next try: exponential backoff with a cap, of which 25 to 100 % so that daemons don't try in step. */
  retryDelay(): number {
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#count, 10));
    return ceiling * (0.25 + 0.75 * Math.random());
  }
}
