import { setImmediate as turn } from 'node:timers/promises';
import { capTimes, type Entry } from '../routes/route.ts';
import type { LogCursor, Store } from '../store/store.ts';

/** Times in one transaction: some 20 ms without a turn for the API. */
const MOST_AT_ONCE = 5_000;

/** Times that moved in the table and aren't in the store yet. */
export class Unstored {
  #entries = new Set<Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Moves the time of an entry; never back, and never into the future: a clock may have been set back since. */
  touch(entry: Entry, time: number, now: number): void {
    const capped = Math.trunc(Math.min(time, now));
    if (capped <= entry.lastActivity) return;
    entry.lastActivity = capped;
    this.#entries.add(entry);
  }

  /** The clock may have been set back since: what was seen while it was ahead is from now. */
  settle(entries: Iterable<Entry>, now: number): void {
    for (const entry of capTimes(entries, now)) this.#entries.add(entry);
  }

  /**
   * `cursors`: how far the logs were read when this is called. They are stored with the last of the times: a crash in between reads lines
   * again, which moves no time, and skips none. What can't be stored now stays.
   */
  async store(store: Store, cursors: ReadonlyMap<string, LogCursor>): Promise<void> {
    const entries = this.#entries;
    this.#entries = new Set();
    try {
      let part: [string, number][] = [];
      for (const { route, lastActivity } of entries) {
        if (part.length === MOST_AT_ONCE) {
          await store.touch(part);
          part = [];
          await turn();
        }
        part.push([route.key, lastActivity]);
      }
      await store.touch(part, cursors);
    } catch (error) {
      for (const entry of entries) this.#entries.add(entry);
      throw error;
    }
  }
}
