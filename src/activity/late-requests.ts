import { type Hit, SWITCHING } from './hit.ts';

/** The clocks of the proxy's log and of the sockets agree so well. */
const BLUR_MS = 50;
/** A head is sent at once, however long the answer takes. */
const HEAD_MS = 1_000;
/** As long as requests may be of use to the next look. */
const KEEP_MS = 30_000;
/** Of one route; with more at once their bare number explains all that is sent. */
const MOST = 1_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * When the heads of requests were sent, as the log tells. Data that was sent to a backend in such a moment may be one of them; what was
 * sent at another is a client's, on a websocket or as a body.
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

  /** May what was sent between these moments have been the head of a request to that route? */
  explain(key: string, from: number, to: number): boolean {
    const spans = this.#spans.get(key) ?? [];
    return spans.length >= MOST || spans.some((span) => span.from - BLUR_MS <= to && from <= span.to + BLUR_MS);
  }

  /** Those that ended long ago. */
  forget(now: number): void {
    for (const [key, spans] of this.#spans) {
      const late = spans.filter(({ to }) => now - to < KEEP_MS);
      if (late.length > 0) this.#spans.set(key, late);
      else this.#spans.delete(key);
    }
  }
}
