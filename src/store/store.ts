import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';

/** The truth about the table. SQLite today; nothing here knows that. */
export interface Store {
  /** Everything stored, with the generation of the last batch. Called once, at start. */
  load(): Promise<{ generation: number; entries: Entry[] }>;
  /**
   * Stores a batch whole or not at all, and durably: when this resolves, a power cut does not undo it.
   * Throws SignalboxError `STORE_FULL` when there is no room and `STORE_FAILED` for anything else; the stored table is
   * then what it was.
   */
  commit(batch: Batch): Promise<void>;
  close(): Promise<void>;
}
