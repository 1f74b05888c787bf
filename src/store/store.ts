import type { Batch } from '../routes/plan.ts';
import type { Refusal } from '../routes/refusal.ts';
import type { Entry, Route } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Wish } from '../routes/wish.ts';

/** Where the wanted table is kept, and who decides what becomes of it. */
export interface Store {
  /**
   * Hands over what is stored; from then on every batch goes to the sink, in order. Called once, at start. Where the store can't be reached
   * now, the sink has the table later.
   */
  open(sink: Sink): Promise<void>;
  /**
   * Fulfils a wish whole or not at all, and durably: when this resolves, a power cut does not undo it, and the sink has had the batch
   * that comes back. Not called again before that. Throws SignalboxError `STORE_FULL` when there is no room and `STORE_FAILED` for
   * anything else; the stored table is then what it was.
   */
  commit(wish: Wish): Promise<Batch>;
  /**
   * To be awaited before an answer is made out of the table, so that any replica gives the same: the sink has then had all that was
   * stored before the call, and the last activities that others have seen, of `key` or of all routes. Resolves to how long ago the table was
   * last known to be that of the store, in ms; 0 unless the store can't be reached. Throws `STORE_FAILED` when it has never been.
   */
  fresh(key?: string): Promise<number>;
  /**
   * Moves last activities forward, and back only from the future; keys that aren't there are skipped. Durable, like `commit`; the
   * generation stays. Whole milliseconds, UTC; fractions are cut.
   */
  touch(times: Iterable<readonly [key: string, ms: number]>): Promise<void>;
  /** Why a route can never be stored; undefined when it can. Asked before it is committed. */
  refuses(route: Route): Refusal | undefined;
  /** How often `touch` is worth its cost, ms. */
  readonly touchEveryMs: number;
  close(): Promise<void>;
}

/** Who follows the store. */
export interface Sink {
  /** The table as the sink has been told. */
  readonly table: RoutingTable;
  /** Everything stored, in place of what was handed over before. */
  reset(loaded: Loaded): void;
  /** What was stored next. */
  batch(batch: Batch): Promise<void>;
  /** Others have seen these routes in use. */
  used(times: Iterable<readonly [key: string, ms: number]>): void;
}

/** What the store of a single daemon writes to. */
export interface Disk {
  /** Everything stored, in the order in which keys were first added, with the generation of the last batch. */
  load(): Promise<Loaded>;
  /** All or nothing, and durable; throws as `Store.commit` does. */
  write(batch: Batch): Promise<void>;
  /** See `Store.touch`; all or nothing. */
  touch: Store['touch'];
  close(): Promise<void>;
}

/** How far the access logs of this machine were read, by their path. */
export interface Cursors {
  read(): Promise<Map<string, LogCursor>>;
  /** Called when the times that come from there are stored: after a crash lines may be read again, which does no harm, and none is skipped. */
  save(cursors: ReadonlyMap<string, LogCursor>): Promise<void>;
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
