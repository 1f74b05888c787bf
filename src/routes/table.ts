import { type Breather, inSlices } from '../system/breather.ts';
import type { Batch } from './plan.ts';
import type { Entry, Route } from './route.ts';

/** So many changes take no time worth a copy of the table. */
const AT_ONCE = 1_000;

/** The wanted table, in memory. The store holds the same: a change is committed there first. */
export class RoutingTable {
  #entries = new Map<string, Entry>();
  #generation: number;

  constructor(generation = 0, entries: Iterable<Entry> = []) {
    this.#generation = generation;
    for (const entry of entries) this.#entries.set(entry.route.key, entry);
  }

  /** Grows by one with every batch that changes a route. */
  get generation(): number {
    return this.#generation;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** As they are now. */
  routes(): Route[] {
    return Array.from(this.#entries.values(), ({ route }) => route);
  }

  apply(batch: Batch): void {
    this.#generation = batch.generation;
    if (batch.replace) this.#entries = new Map();
    for (const key of batch.remove) this.#entries.delete(key);
    for (const entry of batch.set) this.#entries.set(entry.route.key, entry);
  }

  /**
   * The same for a batch that may be large. Others have their turn meanwhile and see the table as it was; what comes back switches to the
   * new one. Until then nothing else may change the table.
   */
  async prepare(batch: Batch, breather: Breather): Promise<() => void> {
    if (!batch.replace && batch.set.length + batch.remove.length <= AT_ONCE) return () => this.apply(batch);
    const entries = new Map<string, Entry>();
    if (!batch.replace) await inSlices(this.#entries, ([key, entry]) => entries.set(key, entry), breather);
    await inSlices(batch.remove, (key) => entries.delete(key), breather);
    await inSlices(batch.set, (entry) => entries.set(entry.route.key, entry), breather);
    return () => {
      this.#generation = batch.generation;
      this.#entries = entries;
    };
  }
}
