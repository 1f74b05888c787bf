import { type Batch, changesRoutes } from '../routes/plan.ts';
import { compare, type Wish } from '../routes/wish.ts';
import type { Log } from '../system/log.ts';
import { settleTimes } from './settle-times.ts';
import type { Disk, Sink, Store } from './store.ts';

/** The store of a single daemon: nobody else changes the table, so the one in memory says what a wish changes. */
export class LocalStore implements Store {
  readonly touchEveryMs = 5_000;
  readonly #disk: Disk;
  readonly #log: Pick<Log, 'warn'>;
  #sink: Sink | undefined;

  constructor(disk: Disk, log: Pick<Log, 'warn'>) {
    this.#disk = disk;
    this.#log = log;
  }

  async open(sink: Sink): Promise<void> {
    const loaded = await this.#disk.load();
    await settleTimes(loaded.entries, this.#disk, Date.now(), this.#log);
    sink.reset(loaded);
    this.#sink = sink;
  }

  async commit(wish: Wish): Promise<Batch> {
    const sink = this.#sink as Sink;
    const batch = await compare(wish, sink.table);
    if (!changesRoutes(batch) && batch.touched.length === 0) return batch;
    await this.#disk.write(batch);
    await sink.batch(batch);
    return batch;
  }

  /** SQLite takes all that a proxy does. */
  refuses(): undefined {}

  async fresh(): Promise<number> {
    return 0;
  }

  touch(times: Iterable<readonly [key: string, ms: number]>): Promise<void> {
    return this.#disk.touch(times);
  }

  close(): Promise<void> {
    return this.#disk.close();
  }
}
