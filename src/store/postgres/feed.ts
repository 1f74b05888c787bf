import { randomUUID } from 'node:crypto';
import { SignalboxError } from '../../errors.ts';
import type { Batch } from '../../routes/plan.ts';
import type { Entry } from '../../routes/route.ts';
import { compare, type Wish } from '../../routes/wish.ts';
import type { Log } from '../../system/log.ts';
import type { Sink } from '../store.ts';
import { batchOf, batchSince, differences } from './batches.ts';
import type { Connection } from './connection.ts';
import { OutcomeUnknown } from './failures.ts';
import { commit, type Head, load, refusalOfKey, replace, settle, since, type Wanted } from './statements.ts';

interface FeedOptions {
  readonly connection: Connection;
  readonly schema: string;
  /** The id of this replica. */
  readonly replica: string;
  /** How long a commit may take, together with finding out what became of it when its connection was lost, ms. */
  readonly patienceMs: number;
  /** A change was stored, and how long that took. */
  readonly onCommit?: (seconds: number) => void;
  /** Everything was loaded anew. */
  readonly onReset?: () => void;
  readonly log: Pick<Log, 'error'>;
}

/** What a commit has changed. */
interface Stored {
  readonly batch: Batch;
  /** The stamp before it; undefined where nobody has said. */
  readonly previous: string | undefined;
}

/** A commit of which nobody has said whether it was done. */
interface Lost {
  readonly stamp: string;
  readonly own: number;
  /** Until when that is to be found out, by performance.now(). */
  readonly deadline: number;
}

/**
 * Hands over to the sink what is stored, by this replica or another, in the order of the generations. One thing at a time: a commit, or
 * a look at what has come since. What is heard of meanwhile is looked at afterwards.
 */
export class Feed {
  readonly #options: FeedOptions;
  #sink: Sink | undefined;
  #at: Head | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** A look that has not begun yet: it will see all that is stored by now. */
  #next: Promise<void> | undefined;
  #foreign = 0;
  #checked = performance.now();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Whom it is handed over to. */
  follow(sink: Sink): void {
    this.#sink = sink;
  }

  /** What the sink has had last; undefined before the first look. */
  get at(): Head | undefined {
    return this.#at;
  }

  /** The newest generation that has come from another replica. */
  get foreign(): number {
    return this.#foreign;
  }

  /** When the table was last known to be that of the database, by performance.now(). */
  get checked(): number {
    return this.#checked;
  }

  /** Somebody has looked: where the table stood after `began`. */
  heard({ stamp }: Head, began: number): void {
    if (this.#at?.stamp === stamp) this.#checked = Math.max(this.#checked, began);
    else this.hint();
  }

  /** There is said to be a newer generation. */
  hint(generation = Number.POSITIVE_INFINITY): void {
    if (generation <= (this.#at?.generation ?? 0)) return;
    // Whoever needs the table meets the failure, too; the next sign of life asks again.
    this.catchUp().catch(() => {});
  }

  /** Resolves when the sink has had all that was stored before the call. */
  catchUp(): Promise<void> {
    this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.#look();
    });
    return this.#next;
  }

  /** Stores what is wished, and returns what that has changed once the sink has had it. */
  commit(wish: Wish): Promise<Batch> {
    return this.#inTurn(async () => {
      if (!this.#at) await this.#load();
      const { stamp: before, generation: own } = this.#at as unknown as Head;
      const stamp = randomUUID();
      const began = performance.now();
      const { batch, previous } = await this.#store(wish, stamp, own, began);
      this.#options.onCommit?.((performance.now() - began) / 1000);
      if (previous === before) {
        await this.#following.batch(batch);
        this.#at = { generation: batch.generation, stamp };
      } else {
        // It is stored: where this fails, the next look has it.
        await this.#look(wish).catch(() => {});
      }
      return batch;
    });
  }

  get #following(): Sink {
    if (this.#sink) return this.#sink;
    throw new SignalboxError('STORE_FAILED', 'the store is not open');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #store(wish: Wish, stamp: string, own: number, began: number): Promise<Stored> {
    const { connection, schema, replica, patienceMs } = this.#options;
    const put = new Map<string, Wanted | undefined>();
    for (const [key, entry] of wish.put) {
      if (entry) put.set(key, { data: entry.route.data, lastActivity: entry.lastActivity });
      // One that can't be stored is not there, either.
      else if (!refusalOfKey(key)) put.set(key, undefined);
    }
    const change = { stamp, replica, own, put };
    try {
      const committed = await (wish.clear
        ? replace(connection, schema, wish.clear, change)
        : commit(connection.query, schema, change));
      return { batch: await batchOf(wish, committed), previous: committed.previous };
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      return await this.#find(wish, { stamp, own, deadline: began + patienceMs }, error);
    }
  }

  /** The connection was lost before the answer came. What the commit did is then told by the table as it was before. */
  async #find(wish: Wish, attempt: Lost, lost: OutcomeUnknown): Promise<Stored> {
    const guess = await compare(wish, this.#following.table);
    const generation = await this.#settled(attempt).catch((error: unknown) => {
      const message = `${lost.message}; whether the change was stored could not be found out in time`;
      throw new SignalboxError('STORE_FAILED', message, { hint: 'Asking again is harmless.', cause: error });
    });
    if (generation === undefined) throw lost;
    return { batch: { ...guess, generation }, previous: undefined };
  }

  async #settled({ stamp, own, deadline }: Lost): Promise<number | undefined> {
    const { connection, schema } = this.#options;
    for (;;) {
      await connection.whenUp(Math.max(0, deadline - performance.now()));
      try {
        return await settle(connection.query, schema, { stamp, own });
      } catch (error) {
        // Once more, if that is what was lost now.
        if (connection.isUp || performance.now() > deadline) throw error;
      }
    }
  }

  /** `own`: a wish that was stored just now. */
  async #look(own?: Wish): Promise<void> {
    const { connection, schema } = this.#options;
    const began = performance.now();
    const at = this.#at;
    if (!at) return this.#load();
    const news = await since(connection.query, schema, at);
    if (!news.continues) return this.#load();
    if (news.generation > at.generation) {
      const sink = this.#following;
      await sink.batch(await batchSince(news, sink.table, own));
      this.#at = { generation: news.generation, stamp: news.stamp };
      this.#foreign = news.generation;
    }
    this.#checked = began;
  }

  /** The first time; when this replica was away for so long that its place in the history is forgotten; and when history is another one. */
  async #load(): Promise<void> {
    const { connection, schema, replica, log } = this.#options;
    const sink = this.#following;
    const began = performance.now();
    const before = this.#at;
    let found = await load(connection.query, schema);
    if (before && found.generation < before.generation) {
      // Numbers only grow: what was served under one that is lost must not count for a new one.
      const nothing = { stamp: randomUUID(), replica, own: before.generation, put: new Map() };
      await commit(connection.query, schema, nothing);
      found = await load(connection.query, schema);
    }
    const entries = found.rows.flatMap(({ entry }) => entry ?? []);
    if (before) {
      this.#tellOfDifferences(entries, log);
      this.#options.onReset?.();
    }
    sink.reset({ generation: found.generation, entries });
    this.#at = { generation: found.generation, stamp: found.stamp };
    this.#foreign = found.generation;
    this.#checked = began;
  }

  #tellOfDifferences(after: readonly Entry[], log: FeedOptions['log']): void {
    const { count, named } = differences(this.#following.table, after);
    const words =
      'the history of the database is another one, as after a failover that lost changes, or this replica was away for a day: ' +
      `its table counts, ${count} routes of ours are other ones there`;
    log.error({ event: 'change', routes: count }, count === 0 ? words : `${words}, among them ${named.join(', ')}`);
  }
}
