import type { Descriptor } from './descriptor.ts';
import type { LiveTable } from './live-table.ts';
import { readRows } from './map.ts';
import type { MapIndex, RowRenderer } from './map-index.ts';
import { fitsPath, segments } from './segments.ts';
import type { NginxTable, Shape } from './table.ts';

/** Looked into from the start, so that the first user, server or service of a Hub costs no reload. */
export function usualDepths(hostRouting: boolean): number[] {
  return hostRouting ? [1, 2, 3, 4] : [1, 2, 3];
}

/**
 * `--table live`: routes are symlinks, a change costs no reload. Routes that make no path (a segment over 255 bytes, an
 * empty one) stand in the configuration beside it and do cost one, as does the first route of a new depth.
 */
export class LiveRoutes implements NginxTable {
  readonly #table: LiveTable;
  readonly #beside: MapIndex;
  readonly #file: string;
  readonly #depths = new Set<number>();
  #opened = true;
  readonly reloadsForRoutes = false;
  shapeVersion = 0;

  constructor(table: LiveTable, beside: MapIndex, file: string, hostRouting: boolean) {
    this.#table = table;
    this.#beside = beside;
    this.#file = file;
    for (const depth of usualDepths(hostRouting)) this.#depths.add(depth);
  }

  async open(): Promise<void> {
    await this.#table.open();
    for (const [key, descriptor] of readRows(this.#file)) if (!fits(key, descriptor)) this.#beside.set(key, descriptor);
    for (const key of this.#table.entries.keys()) this.#depths.add(segments(key).length);
  }

  *entries(): Iterable<[string, Descriptor]> {
    yield* this.#table.entries;
    yield* this.#beside.entries();
  }

  rows(): Iterable<[string, Descriptor]> {
    return this.#beside.entries();
  }

  get(key: string): Descriptor | undefined {
    return this.#beside.get(key) ?? this.#table.entries.get(key);
  }

  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const { paths, rows } = this.#sort(wanted);
    const current = this.#table.entries;
    for (const [key] of this.#beside.entries()) if (!rows.has(key)) this.#removeRow(key);
    this.#addRows(rows);
    const gone = [...current.keys()].filter((key) => !paths.has(key));
    const changed = new Map([...paths].filter(([key, descriptor]) => current.get(key) !== descriptor));
    // At start the table on disk is nearly right already, and nobody asked for one step.
    if (this.#opened || changed.size + gone.length <= 1) await this.#table.change(changed, gone, generation);
    else await this.#table.replace(paths, generation);
    this.#opened = false;
  }

  async change(set: ReadonlyMap<string, Descriptor>, remove: readonly string[], generation: number): Promise<void> {
    const { paths, rows } = this.#sort(set);
    for (const key of [...remove, ...paths.keys()]) this.#removeRow(key);
    this.#addRows(rows);
    await this.#table.change(paths, [...remove, ...rows.keys()], generation);
  }

  findDamage(): string | undefined {
    return this.#table.findDamage();
  }

  shape(renderer: RowRenderer): Shape {
    return {
      depths: [...this.#depths].filter((depth) => depth > 0).sort((a, b) => a - b),
      lookups: this.#beside.lookups(renderer),
      rows: this.#beside.size,
      longestKey: this.#beside.longestKey(),
      generation: undefined,
    };
  }

  #sort(routes: ReadonlyMap<string, Descriptor>) {
    const paths = new Map<string, Descriptor>();
    const rows = new Map<string, Descriptor>();
    for (const [key, descriptor] of routes) {
      if (fits(key, descriptor)) {
        paths.set(key, descriptor);
        this.#addDepth(segments(key).length);
      } else rows.set(key, descriptor);
    }
    return { paths, rows };
  }

  #addDepth(depth: number): void {
    if (depth === 0 || this.#depths.has(depth)) return;
    this.#depths.add(depth);
    this.shapeVersion++;
  }

  #addRows(rows: ReadonlyMap<string, Descriptor>): void {
    for (const [key, descriptor] of rows) {
      this.#addDepth(segments(key).length);
      if (this.#beside.set(key, descriptor)) this.shapeVersion++;
    }
  }

  #removeRow(key: string): void {
    if (this.#beside.delete(key)) this.shapeVersion++;
  }
}

/** Can the live table hold this route? */
export function fits(key: string, descriptor: Descriptor): boolean {
  return (key === '/' || fitsPath(key.slice(1))) && fitsPath(descriptor);
}
