import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';

/** The truth about the table. SQLite today; nothing here knows that. */
export interface Store {
  /** Everything stored, in the order in which keys were first added, with the generation of the last batch. Called once, at start. */
  load(): Promise<Loaded>;
  /**
   * Stores a batch whole or not at all, and durably: when this resolves, a power cut does not undo it.
   * Throws SignalboxError `STORE_FULL` when there is no room and `STORE_FAILED` for anything else; the stored table is
   * then what it was.
   */
  commit(batch: Batch): Promise<void>;
  /**
   * Moves last activities forward, never back; keys that aren't there are skipped. All or nothing, and durable, like
   * `commit`; the generation stays. Whole milliseconds, UTC; fractions are cut.
   */
  touch(times: Iterable<readonly [key: string, ms: number]>): Promise<void>;
  close(): Promise<void>;
}

/** What a store holds. */
export interface Loaded {
  generation: number;
  entries: Entry[];
}
