import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { type Breather, inSlices } from '../system/breather.ts';
import { sortInSlices } from '../system/sort-in-slices.ts';

/** The entries of the table in the order of their keys. When the table has changed only what is new is sorted. */
export class KeyOrder {
  readonly #table: RoutingTable;
  #keys = new Set<string>();
  #entries: readonly Entry[] = [];
  #generation: number | undefined;

  constructor(table: RoutingTable) {
    this.#table = table;
  }

  /** One call at a time. */
  async entries(breather: Breather): Promise<readonly Entry[]> {
    if (this.#isCurrent()) return this.#entries;
    const { generation } = this.#table;
    const now = [...this.#table.entries()];
    const kept: Entry[] = [];
    const added: Entry[] = [];
    const keep = ({ route }: Entry) => {
      const entry = this.#table.get(route.key);
      if (entry) kept.push(entry);
      else this.#keys.delete(route.key);
    };
    await inSlices(this.#entries, keep, breather);
    const add = (entry: Entry) => {
      if (this.#keys.has(entry.route.key)) return;
      this.#keys.add(entry.route.key);
      added.push(entry);
    };
    await inSlices(now, add, breather);
    const all = [...kept, ...added];
    const keyOf = (index: number) => (all[index] as Entry).route.key;
    const order = await sortInSlices(Uint32Array.from(all.keys()), byText(keyOf), breather);
    const sorted: Entry[] = [];
    await inSlices(order, (index) => sorted.push(all[index] as Entry), breather);
    this.#entries = sorted;
    this.#generation = generation;
    return sorted;
  }

  /** A table that took the place of the last one has other entries, whatever its generation. */
  #isCurrent(): boolean {
    const first = this.#entries[0];
    return (
      this.#generation === this.#table.generation &&
      this.#entries.length === this.#table.size &&
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
