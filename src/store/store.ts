import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';

/** Where the table is kept. */
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
   * Moves last activities forward, and back only from the future; keys that aren't there are skipped. All or nothing, and durable, like
   * `commit`; the generation stays. Whole milliseconds, UTC; fractions are cut. `cursors` says how far the logs were read
   * that the times come from: stored in the same transaction, so that a restart reads nothing twice and misses nothing.
   */
  touch(times: Iterable<readonly [key: string, ms: number]>, cursors?: ReadonlyMap<string, LogCursor>): Promise<void>;
  /** How far each log was read, by its path. */
  cursors(): Promise<Map<string, LogCursor>>;
  close(): Promise<void>;
}

/** How far an access log was read: the file, by its inode as its name changes, and the first byte that was not read. */
export interface LogCursor {
  readonly inode: number;
  readonly offset: number;
  /** Identifies the file when its inode is not enough (copytruncate, a reused inode): see LogFile. */
  readonly head: string;
}

/** What a store holds. */
export interface Loaded {
  generation: number;
  entries: Entry[];
}
