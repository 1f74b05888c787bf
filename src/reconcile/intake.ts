import type { Events } from '../observe/events.ts';
import type { Batch } from '../routes/plan.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Loaded, Sink } from '../store/store.ts';
import { Breather } from '../system/breather.ts';
import type { Log } from '../system/log.ts';
import { tellChanges } from './change-events.ts';
import { logChanges } from './change-log.ts';
import type { Reconciler } from './reconciler.ts';

interface IntakeOptions {
  readonly table: RoutingTable;
  readonly reconciler: Pick<Reconciler, 'record' | 'reset'>;
  readonly log: Pick<Log, 'info'>;
  readonly events: Pick<Events, 'add'>;
}

/** Takes what the store hands over: the log says it, the table in memory shows it, the reconciler has it served. */
export class Intake implements Sink {
  readonly table: RoutingTable;
  readonly #reconciler: IntakeOptions['reconciler'];
  readonly #log: IntakeOptions['log'];
  readonly #events: IntakeOptions['events'];

  constructor({ table, reconciler, log, events }: IntakeOptions) {
    this.table = table;
    this.#reconciler = reconciler;
    this.#log = log;
    this.#events = events;
  }

  reset({ generation, entries }: Loaded): void {
    this.table.reset(generation, entries);
    this.#reconciler.reset();
  }

  /** With a large table the work is done in slices, between which the API has its turn; nothing else changes the table. */
  async batch(batch: Batch): Promise<void> {
    logChanges(batch, this.#log);
    tellChanges(batch, this.#events);
    const before = this.table.generation;
    const apply = await this.table.prepare(batch, new Breather());
    apply();
    if (batch.generation > before) this.#reconciler.record(batch);
  }

  used(times: Iterable<readonly [key: string, ms: number]>): void {
    this.table.touch(times);
  }
}
