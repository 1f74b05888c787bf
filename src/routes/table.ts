import type { Batch } from './plan.ts';
import type { Entry, Route } from './route.ts';

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

  *routes(): Generator<Route> {
    for (const entry of this.#entries.values()) yield entry.route;
  }

  apply(batch: Batch): void {
    this.#generation = batch.generation;
    if (batch.replace) this.#entries = new Map();
    for (const key of batch.remove) this.#entries.delete(key);
    for (const entry of batch.set) this.#entries.set(entry.route.key, entry);
  }
}
