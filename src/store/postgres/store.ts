import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import type { Batch } from '../../routes/plan.ts';
import type { Refusal } from '../../routes/refusal.ts';
import type { Route } from '../../routes/route.ts';
import { WHOLE_TABLE } from '../../routes/scope.ts';
import type { Wish } from '../../routes/wish.ts';
import { guarded } from '../../system/guarded.ts';
import type { Log } from '../../system/log.ts';
import type { Sink, Store } from '../store.ts';
import { readTableCopy } from '../table-copy.ts';
import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';
import { prune } from './prune.ts';
import { refusalOfKey } from './statements.ts';
import { timesIn, timesOfKeys, touch } from './times.ts';

interface PostgresStoreOptions {
  readonly connection: Connection;
  readonly schema: string;
  readonly feed: Feed;
  /** The state folder, with the copy of the table that an earlier daemon has left. */
  readonly dir: string;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** How long the database is waited for at start before the copy of the table has to do, ms. */
const START_MS = 5_000;
/** How long a read waits for what is new, ms. */
const READ_MS = 2_000;
/** What is older goes once an hour. */
const PRUNE_MS = 3_600_000;

/** The table in PostgreSQL, which other replicas write to as well. */
export class PostgresStore implements Store {
  /** Each costs the database a look at all routes. */
  readonly touchEveryMs = 30_000;
  readonly #options: PostgresStoreOptions;
  #sink: Sink | undefined;
  #pruning: NodeJS.Timeout | undefined;

  constructor(options: PostgresStoreOptions) {
    this.#options = options;
  }

  async open(sink: Sink): Promise<void> {
    const { connection, feed, dir, log } = this.#options;
    this.#sink = sink;
    feed.follow(sink);
    connection.start();
    await connection.whenUp(START_MS).then(
      () => feed.catchUp(),
      (error) => {
        const copy = readTableCopy(dir);
        const words = copy ? `the routes are those of ${copy.time.toISOString()}` : 'there is no copy of its routes';
        log.warn(
          { reason: describeError(error), routes: copy?.entries.length },
          `starts without the database: ${words}`,
        );
        if (copy) sink.reset({ generation: 0, entries: copy.entries });
      },
    );
    // Not at the same moment in all replicas.
    const tidy = guarded(log, 'the removal of what is old in the database', () => this.#prune());
    this.#pruning = setInterval(tidy, PRUNE_MS * (0.75 + Math.random() / 2)).unref();
  }

  refuses({ key }: Route): Refusal | undefined {
    return refusalOfKey(key);
  }

  commit(wish: Wish): Promise<Batch> {
    return this.#options.feed.commit(wish);
  }

  async fresh(key?: string): Promise<number> {
    const { connection, schema, feed } = this.#options;
    try {
      await within(READ_MS, feed.catchUp());
      const { query } = connection;
      const times = key === undefined ? timesIn(query, schema, WHOLE_TABLE) : timesOfKeys(query, schema, [key]);
      this.#sink?.used(await within(READ_MS, times));
      return 0;
    } catch (error) {
      // Until it has been the table of the database, nobody knows what has become of it.
      if (!feed.at) throw error;
      return Math.max(1, performance.now() - feed.checked);
    }
  }

  async touch(times: Iterable<readonly [key: string, ms: number]>): Promise<void> {
    const { connection, schema } = this.#options;
    await touch(connection.query, schema, times);
  }

  async close(): Promise<void> {
    clearInterval(this.#pruning);
    await this.#options.connection.close();
  }

  async #prune(): Promise<void> {
    const { connection, schema } = this.#options;
    if (connection.isUp) await prune(connection.query, schema);
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = delay(ms, undefined, { ref: false }).then(() => {
    throw new SignalboxError('STORE_FAILED', `the database did not answer within ${ms / 1_000} s`);
  });
  // Whichever is later is of no interest.
  work.catch(() => {});
  late.catch(() => {});
  return Promise.race([work, late]);
}
