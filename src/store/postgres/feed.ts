import { randomUUID } from 'node:crypto';
import { describeError } from '../../errors.ts';
import type { Batch } from '../../routes/plan.ts';
import type { Entry } from '../../routes/route.ts';
import { compare, type Wish } from '../../routes/wish.ts';
import { inSlices } from '../../system/breather.ts';
import type { Log } from '../../system/log.ts';
import type { Sink } from '../store.ts';
import type { Connection } from './connection.ts';
import { OutcomeUnknown } from './failures.ts';
import { differences, type Position } from './history.ts';
import type { Committed, Statements, StoredRoute } from './statements.ts';

interface FeedOptions {
  readonly connection: Connection;
  readonly statements: Statements;
  /** The id of this replica. */
  readonly replica: string;
  /** How long the answer to a commit may be looked for after its connection was lost, ms. */
  readonly patienceMs: number;
  readonly log: Pick<Log, 'error' | 'warn'>;
}

/**
 * Hands over to the sink what is stored, by this replica or another, in the order of the generations. One thing at a time: a commit, or
 * a look at what has come since. What is heard of meanwhile is looked at afterwards.
 */
export class Feed {
  readonly #options: FeedOptions;
  #sink: Sink | undefined;
  #at: Position | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** A look that has not begun yet: it will see all that is stored by now. */
  #next: Promise<void> | undefined;
  #newest = 0;
  #foreign = 0;
  #checked = Number.NEGATIVE_INFINITY;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Whom it is handed over to. */
  follow(sink: Sink): void {
    this.#sink = sink;
  }

  /** What the sink has had; undefined before the first look. */
  get at(): Position | undefined {
    return this.#at;
  }

  /** The newest generation that has come from another replica. */
  get foreign(): number {
    return this.#foreign;
  }

  /** When a look began that found everything handed over, by performance.now(). */
  get checked(): number {
    return this.#checked;
  }

  /** Somebody has looked: at `began` this was where the table stood. */
  heard({ generation, stamp }: Position, began: number): void {
    if (this.#at?.stamp === stamp) this.#checked = Math.max(this.#checked, began);
    else if (generation > this.#newest || generation < (this.#at?.generation ?? 0)) this.hint(generation);
  }

  /** There is said to be a newer generation. */
  hint(generation: number): void {
    if (generation === this.#at?.generation) return;
    this.#newest = Math.max(this.#newest, generation);
    // A failure shows at whoever needs the table; the heartbeat asks again.
    this.catchUp().catch(() => {});
  }

  /** Resolves when the sink has had all that was stored before the call. */
  catchUp(): Promise<void> {
    this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.#since();
    });
    return this.#next;
  }

  /** Stores what is wished, and returns what that has changed once the sink has had it. */
  commit(wish: Wish): Promise<Batch> {
    return this.#inTurn(async () => {
      const sink = this.#sink as Sink;
      if (!this.#at) await this.#load();
      const { stamp: before, generation: own } = this.#at as unknown as Position;
      const stamp = randomUUID();
      const committed = await this.#store(wish, stamp, own);
      const batch = await batchOf(wish, committed);
      if (committed.previous === before) {
        await sink.batch(batch);
        this.#at = { generation: committed.generation, stamp };
      } else {
        // It is stored; where this fails, the next look has it.
        await this.#since().catch(() => {});
      }
      return batch;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #store(wish: Wish, stamp: string, own: number): Promise<Committed> {
    const { connection, statements, replica } = this.#options;
    try {
      return await statements.commit(connection, { wish, stamp, replica, own });
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      return this.#find(wish, stamp, own, error);
    }
  }

  /**
   * The connection was lost while the commit was under way. A second one with the same stamp, which changes nothing, tells: if the first is
   * stored, it fails. If not, the first can't be stored any more, should the database still come to it.
   */
  async #find(wish: Wish, stamp: string, own: number, lost: OutcomeUnknown): Promise<Committed> {
    const { connection, statements, replica, patienceMs } = this.#options;
    const guess = await compare(wish, (this.#sink as Sink).table);
    await connection.whenUp(patienceMs);
    const generation = await statements.claim(connection, { stamp, replica, own });
    if (generation === undefined) throw lost;
    const keys = (entries: readonly Entry[]) => entries.map(({ route }) => route.key);
    return {
      generation,
      previous: undefined,
      added: keys(guess.added),
      changed: keys(guess.changed),
      removed: guess.removed,
    };
  }

  async #since(): Promise<void> {
    const { connection, statements, replica } = this.#options;
    const sink = this.#sink as Sink;
    const began = performance.now();
    const at = this.#at;
    if (!at) return this.#load();
    const found = await statements.since(connection, at);
    if (!found.continues) return this.#load();
    if (found.generation > at.generation) {
      await sink.batch(await batchSince(found, sink.table));
      this.#at = { generation: found.generation, stamp: found.stamp };
      if (found.replica !== replica) this.#foreign = found.generation;
    }
    this.#newest = Math.max(this.#newest, found.generation);
    this.#checked = began;
  }

  /** The first time; when this replica was away for so long that its place in the history is forgotten; and when history is another one. */
  async #load(): Promise<void> {
    const { connection, statements, replica, log } = this.#options;
    const sink = this.#sink as Sink;
    const began = performance.now();
    const before = this.#at;
    let found = await statements.load(connection);
    if (before && found.generation < before.generation) {
      // Numbers only grow: what was served under a lost number must not count for a new one.
      await statements.commit(connection, { wish: NOTHING, stamp: randomUUID(), replica, own: before.generation });
      found = await statements.load(connection);
    }
    const entries = await entriesOf(found.routes);
    if (before && found.oldest <= before.generation) {
      const { count, named } = differences(sink.table, entries);
      const words = `the database has lost its newest changes, as after a failover to a standby that was behind: ${count} routes went back`;
      log.error({ routes: count, keys: named }, count === 0 ? `${words}` : `${words}, among them ${named.join(', ')}`);
    }
    sink.reset({ generation: found.generation, entries });
    this.#at = { generation: found.generation, stamp: found.stamp };
    this.#newest = this.#foreign = found.generation;
    this.#checked = began;
  }
}

const NOTHING: Wish = { replace: false, put: new Map() };

async function entriesOf(routes: readonly StoredRoute[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  await inSlices(routes, (row) => entries.push(entryOf(row)));
  return entries;
}
