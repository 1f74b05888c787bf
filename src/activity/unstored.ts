import { setImmediate as turn } from 'node:timers/promises';
import { type Cause, capTimes, type Entry, moveForward } from '../routes/route.ts';
import type { Store } from '../store/store.ts';

/** How many times one transaction stores: some 20 ms in which the API has to wait. */
const MOST_AT_ONCE = 5_000;

/** Times that are in the table and not yet in the store. */
export class Unstored {
  #entries = new Set<Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Moves the time of an entry forward, but not into the future: the clock may have been set back since. */
  touch(entry: Entry, time: number, cause: Cause, now: number): void {
    if (moveForward(entry, Math.trunc(Math.min(time, now)), cause)) this.#entries.add(entry);
  }

  /** Sets times in the future to now: the clock may have been set back since. */
  settle(entries: Iterable<Entry>, now: number): void {
    for (const entry of capTimes(entries, now)) this.#entries.add(entry);
  }

  /** What can't be stored now is kept for the next call. */
  async store(store: Pick<Store, 'touch'>): Promise<void> {
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
      if (part.length > 0) await store.touch(part);
    } catch (error) {
      for (const entry of entries) this.#entries.add(entry);
      throw error;
    }
  }
}
