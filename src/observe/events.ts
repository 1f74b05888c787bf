import type { EventKind } from '../system/log.ts';

/** Something that happened, as `GET /events` shows it. */
export interface Event {
  /** Grows by one for each event. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly kind: EventKind;
  readonly level: 'info' | 'warning' | 'error';
  /** Who did it, as far as that is known. */
  readonly actor: string | null;
  /** The route that it is about, if it is about one. */
  readonly key: string | null;
  readonly text: string;
}

/** What is given of an event. */
export type News = Pick<Event, 'kind' | 'text'> & {
  readonly level?: Event['level'];
  readonly actor?: string | undefined;
  readonly key?: string | undefined;
};

const MOST_EVENTS = 1_000;
/** The most characters of a text, and of a key. */
const MOST_LENGTH = 500;

/** The last events, in memory: for more there is the log. */
export class Events {
  /** Milliseconds since 1970: ids begin anew with each daemon. */
  readonly since: number;
  #kept: Event[] = [];
  #last = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.since = now();
  }

  add({ kind, text, level = 'info', actor, key }: News): void {
    const shown = key === undefined ? null : shortened(key);
    this.#last++;
    this.#kept.push({
      id: this.#last,
      time: this.#now(),
      kind,
      level,
      actor: actor ?? null,
      key: shown,
      text: shortened(text),
    });
    // Not each time: that would move all of them.
    if (this.#kept.length >= 2 * MOST_EVENTS) this.#kept = this.#kept.slice(-MOST_EVENTS);
  }

  /** The newest `limit` of those that came after the event `id`, the oldest first. `missed`: some of them are kept no longer. */
  after(id: number, limit = MOST_EVENTS): { events: Event[]; missed: boolean } {
    const count = Math.min(Math.max(0, this.#last - id), MOST_EVENTS, limit);
    return { events: count === 0 ? [] : this.#kept.slice(-count), missed: this.#last - id > MOST_EVENTS };
  }
}

/** A copy: what is cut off of a string is kept with it. */
function shortened(text: string): string {
  return text.length > MOST_LENGTH ? Buffer.from(`${text.slice(0, MOST_LENGTH)}…`).toString() : text;
}
