import type { Descriptor } from './descriptor.ts';
import { segments } from './segments.ts';

/** Rows of one map: keys of one depth that differ in more than case. */
export interface Lookup {
  readonly depth: number;
  /** `2_0`: depth and layer, part of the variables' names. */
  readonly name: string;
  readonly rows: string;
}

interface Row {
  readonly descriptor: Descriptor;
  readonly depth: number;
  /** Rendered once per version of the route. */
  readonly text: string;
}

/** The routes that stand in the configuration itself: all of them (table map) or those that fit no path (table live). */
export class MapIndex {
  readonly #render: (key: string, descriptor: Descriptor) => string;
  #rows = new Map<string, Row>();

  constructor(render: (key: string, descriptor: Descriptor) => string) {
    this.#render = render;
  }

  get size(): number {
    return this.#rows.size;
  }

  entries(): Iterable<[string, Descriptor]> {
    return [...this.#rows].map(([key, row]) => [key, row.descriptor]);
  }

  get(key: string): Descriptor | undefined {
    return this.#rows.get(key)?.descriptor;
  }

  /** True when something changed. */
  set(key: string, descriptor: Descriptor): boolean {
    if (this.get(key) === descriptor) return false;
    this.#rows.set(key, { descriptor, depth: segments(key).length, text: this.#render(key, descriptor) });
    return true;
  }

  delete(key: string): boolean {
    return this.#rows.delete(key);
  }

  /** Sorted, so that the same table gives the same bytes; shallow depths first. */
  lookups(): Lookup[] {
    const depths = new Map<number, { layers: string[][]; seen: Map<string, number> }>();
    for (const key of [...this.#rows.keys()].sort()) {
      const row = this.#rows.get(key) as Row;
      const { layers, seen } = depths.get(row.depth) ?? { layers: [], seen: new Map<string, number>() };
      depths.set(row.depth, { layers, seen });
      const folded = key.toLowerCase();
      const layer = seen.get(folded) ?? 0;
      seen.set(folded, layer + 1);
      if (layer === layers.length) layers.push([]);
      layers[layer]?.push(row.text);
    }
    return [...depths]
      .sort(([a], [b]) => a - b)
      .flatMap(([depth, { layers }]) =>
        layers.map((rows, layer) => ({ depth, name: `${depth}_${layer}`, rows: rows.join('') })),
      );
  }

  /** Bytes of the longest key: map_hash_bucket_size depends on it. */
  longestKey(): number {
    let longest = 0;
    for (const key of this.#rows.keys()) longest = Math.max(longest, Buffer.byteLength(key));
    return longest;
  }
}
