import { REPEAT_MS } from '../system/complaint.ts';

/** The most lines that are passed on at once. */
const MOST_LINES = 20;
/** The most kinds that are told apart; all others together are one more. */
const MOST_KINDS = 500;

interface Kind<T> {
  newest: T;
  /** Since the last one that was passed on. */
  count: number;
  toldAt: number;
}

/** Lets through the first line of each kind, and of those that come again one a minute with their number. */
export class Repeats<T> {
  readonly #kinds = new Map<string, Kind<T>>();

  add(kind: string, line: T): void {
    const key = this.#kinds.size < MOST_KINDS || this.#kinds.has(kind) ? kind : '';
    const known = this.#kinds.get(key);
    if (known) {
      known.newest = line;
      known.count++;
    } else this.#kinds.set(key, { newest: line, count: 1, toldAt: Number.NEGATIVE_INFINITY });
  }

  /** The lines that are to be passed on now, each with how many there were since the last one of its kind. */
  take(now: number): { line: T; count: number }[] {
    const due: { line: T; count: number }[] = [];
    for (const [key, kind] of this.#kinds) {
      if (now - kind.toldAt < REPEAT_MS) continue;
      if (kind.count === 0) this.#kinds.delete(key);
      else if (due.length < MOST_LINES) {
        due.push({ line: kind.newest, count: kind.count });
        kind.count = 0;
        kind.toldAt = now;
      }
    }
    return due;
  }
}

/** The kind of a line: lines that differ only in client, file, address or number are of one kind. */
export function shapeOf(message: string): string {
  return message
    .replace(/, client: .*/s, '')
    .replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '""')
    .replace(/\b(?=[\da-f.:]*\d)[\da-f.:]+\b/gi, '0')
    .slice(0, 200);
}
