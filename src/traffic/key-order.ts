import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { type Breather, inSlices } from '../system/breather.ts';
import { indexes, sortInSlices } from '../system/sort-in-slices.ts';
import { factsOf, type RouteFacts } from './kind-of.ts';

/** The entries of the table in the order of their keys, and what is known of each by its route alone. */
export interface Ordered {
  readonly entries: readonly Entry[];
  readonly facts: readonly RouteFacts[];
}

/** Puts the table in order. When it has changed only what is new is sorted. */
export class KeyOrder {
  readonly #table: RoutingTable;
  #keys = new Set<string>();
  #ordered: Ordered = { entries: [], facts: [] };
  #generation: number | undefined;

  constructor(table: RoutingTable) {
    this.#table = table;
  }

  /** One call at a time. */
  async ordered(breather: Breather): Promise<Ordered> {
    if (this.#isCurrent()) return this.#ordered;
    const { generation } = this.#table;
    const now = [...this.#table.entries()];
    const kept: Entry[] = [];
    const added: Entry[] = [];
    const keep = ({ route }: Entry) => {
      const entry = this.#table.get(route.key);
      if (entry) kept.push(entry);
      else this.#keys.delete(route.key);
    };
    await inSlices(this.#ordered.entries, keep, breather);
    const add = (entry: Entry) => {
      if (this.#keys.has(entry.route.key)) return;
      this.#keys.add(entry.route.key);
      added.push(entry);
    };
    await inSlices(now, add, breather);
    const all = [...kept, ...added];
    const keyOf = (index: number) => (all[index] as Entry).route.key;
    const order = await sortInSlices(indexes(all.length), byText(keyOf), breather);
    const entries: Entry[] = [];
    const facts: RouteFacts[] = [];
    const put = (index: number) => {
      const entry = all[index] as Entry;
      entries.push(entry);
      facts.push(factsOf(entry.route));
    };
    await inSlices(order, put, breather);
    this.#ordered = { entries, facts };
    this.#generation = generation;
    return this.#ordered;
  }

  /** A table that took the place of the last one has other entries, whatever its generation. */
  #isCurrent(): boolean {
    const { entries } = this.#ordered;
    const [first] = entries;
    return (
      this.#generation === this.#table.generation &&
      entries.length === this.#table.size &&
      (first === undefined || this.#table.get(first.route.key) === first)
    );
  }
}

/** The same order on every machine, that of code units. */
export function byText(textOf: (index: number) => string): (a: number, b: number) => number {
  return (a, b) => {
    const [one, other] = [textOf(a), textOf(b)];
    return one < other ? -1 : Number(one > other);
  };
}
