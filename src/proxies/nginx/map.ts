import { readFileSync } from 'node:fs';
import type { Descriptor } from './descriptor.ts';
import type { MapIndex, RowRenderer } from './map-index.ts';
import type { NginxTable, Shape } from './table.ts';

/** `--table map`: every route stands in the configuration, each generation is a reload. */
export class MapRoutes implements NginxTable {
  readonly #index: MapIndex;
  readonly #file: string;
  #generation = 0;
  readonly reloadsForRoutes = true;
  shapeVersion = 0;

  /** `file`: where the deployed configuration keeps its rows for a later daemon. */
  constructor(index: MapIndex, file: string) {
    this.#index = index;
    this.#file = file;
  }

  async open(): Promise<void> {
    for (const [key, descriptor] of readRows(this.#file)) this.#index.set(key, descriptor);
  }

  entries(): Iterable<[string, Descriptor]> {
    return this.#index.entries();
  }

  rows(): Iterable<[string, Descriptor]> {
    return this.#index.entries();
  }

  get(key: string): Descriptor | undefined {
    return this.#index.get(key);
  }

  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const gone = [...this.#index.entries()].map(([key]) => key).filter((key) => !wanted.has(key));
    await this.change(wanted, gone, generation);
  }

  async change(set: ReadonlyMap<string, Descriptor>, remove: readonly string[], generation: number): Promise<void> {
    for (const [key, descriptor] of set) this.#index.set(key, descriptor);
    for (const key of remove) this.#index.delete(key);
    if (generation !== this.#generation || set.size > 0 || remove.length > 0) this.shapeVersion++;
    this.#generation = generation;
  }

  /** nginx holds it in memory. */
  findDamage(): undefined {}

  shape(renderer: RowRenderer): Shape {
    const lookups = this.#index.lookups(renderer);
    const { size: rows } = this.#index;
    return { depths: [], lookups, rows, longestKey: this.#index.longestKey(), generation: this.#generation };
  }
}

/** The rows that a deployed configuration holds; none when there is no file, or it is not ours. */
export function readRows(file: string): [string, Descriptor][] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as [string, Descriptor][];
  } catch {
    return [];
  }
}
