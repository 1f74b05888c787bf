import { type Hit, SWITCHING } from './hit.ts';

/** How far the times in the log and those of the sockets may differ, ms. */
const BLUR_MS = 50;
/** A head is sent at once, however long the answer takes. */
const HEAD_MS = 1_000;
/** How long requests are kept, for the next look, ms. */
const KEEP_MS = 30_000;
/** The most requests of one route that are kept; more could explain any data that was sent. */
const MOST = 1_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * When the heads of requests were sent, from the log. Data that was sent to a backend at such a moment may be a head; at any other
 * moment it is a client's data, on a websocket or as a body.
 */
export class LateRequests {
  readonly #spans = new Map<string, Span[]>();

  add({ key, time, duration = 0, status, sentData }: Hit): void {
    if (status === SWITCHING || sentData) return;
    const from = time - duration;
    const span = { from, to: Math.min(time, from + HEAD_MS) };
    const spans = this.#spans.get(key);
    if (!spans) this.#spans.set(key, [span]);
    else if (spans.length < MOST) spans.push(span);
  }

  /** Could data that was sent between these times have been the head of a request to that route? */
  explain(key: string, from: number, to: number): boolean {
    const spans = this.#spans.get(key) ?? [];
    return spans.length >= MOST || spans.some((span) => span.from - BLUR_MS <= to && from <= span.to + BLUR_MS);
  }

  /** Removes requests that ended long ago. */
  forget(now: number): void {
    for (const [key, spans] of this.#spans) {
      const late = spans.filter(({ to }) => now - to < KEEP_MS);
      if (late.length > 0) this.#spans.set(key, late);
      else this.#spans.delete(key);
    }
  }
}
