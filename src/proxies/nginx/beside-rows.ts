import { SignalboxError } from '../../errors.ts';
import { depthOf } from '../../routes/key.ts';
import type { Descriptor } from './descriptor.ts';

/** Rows of one map: keys of one depth that differ in more than case. */
export interface Lookup {
  readonly depth: number;
  /** `2_0`: depth and layer, part of the variables' names. */
  readonly name: string;
  readonly rows: string;
}

/** Renders one row: route.conf. */
export interface RowRenderer {
  row(key: string, descriptor: Descriptor): string;
}

interface Row {
  readonly descriptor: Descriptor;
  readonly depth: number;
  /** Rendered once per version of the route and of the templates. */
  text: string;
  by: RowRenderer | undefined;
}

/** The routes that fit no path, and so stand in the configuration itself. */
export class BesideRows {
  readonly #rows = new Map<string, Row>();

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
    this.#rows.set(key, { descriptor, depth: depthOf(key), text: '', by: undefined });
    return true;
  }

  delete(key: string): boolean {
    return this.#rows.delete(key);
  }

  /** Sorted, so that the same table gives the same bytes; lowest depths first. An error names all keys that can't be rendered. */
  lookups(renderer: RowRenderer): Lookup[] {
    this.#render(renderer);
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

  #render(renderer: RowRenderer): void {
    const failed: string[] = [];
    let failure: unknown;
    for (const [key, row] of this.#rows) {
      if (row.by === renderer) continue;
      try {
        Object.assign(row, { text: renderer.row(key, row.descriptor), by: renderer });
      } catch (error) {
        failure ??= error;
        failed.push(key);
      }
    }
    if (failure instanceof SignalboxError) failure.keys = failed;
    if (failure !== undefined) throw failure;
  }

  /** Bytes of the longest key: map_hash_bucket_size depends on it. */
  longestKey(): number {
    let longest = 0;
    for (const key of this.#rows.keys()) longest = Math.max(longest, Buffer.byteLength(key));
    return longest;
  }
}

/** nginx compares keys without regard to case; the row's value repeats the key, and a regular expression compares it exactly. */
export function mapRow(key: string, descriptor: string): string {
  return `${key}\n${descriptor}`;
}
