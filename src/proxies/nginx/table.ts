import { readFileSync } from 'node:fs';
import { depthOf } from '../../routes/key.ts';
import { Breather, inSlices } from '../../system/breather.ts';
import { BesideRows, type Lookup, type RowRenderer } from './beside-rows.ts';
import { type Descriptor, isHttps } from './descriptor.ts';
import { differences } from './differences.ts';
import { fitsPaths } from './limits.ts';
import type { LiveTable } from './live-table.ts';
import type { Marks } from './marks.ts';
import type { SettledRows } from './settled-rows.ts';

/** What of the table has to stand in the configuration. */
export interface Shape {
  /** Depths at which the run folder is looked into. */
  readonly depths: readonly number[];
  /** Has a target been https? */
  readonly https: boolean;
  /** Rows that stand in the configuration itself. */
  readonly lookups: readonly Lookup[];
  readonly rows: number;
  readonly longestKey: number;
  /** The routes as they are now; undefined where none are to be looked up that way. */
  readonly settled: SettledRows | undefined;
}

export interface NginxTableOptions {
  readonly hostRouting: boolean;
  /** The symlinks; undefined where none are to be made. */
  readonly live?: LiveTable;
  /** Which routes are not to be looked up in rows of a configuration. */
  readonly marks?: Marks;
  /** Where the deployed configuration keeps its rows for a later daemon. */
  readonly rowsFile?: string;
}

/** Depths that are looked up from the start, so that the first user, server or service of a Hub costs no reload. A host adds one. */
const USUAL_DEPTHS = [1, 2, 3];
const USUAL_DEPTHS_WITH_HOST = [1, 2, 3, 4];

/**
 * How nginx holds the routes: as symlinks. Those that can't be a path (a segment over 255 bytes, an empty one) are rows of the
 * configuration and cost a reload, as does the first route of a new depth, and the first to https (`authorities.ts`).
 */
export class NginxTable {
  readonly #options: NginxTableOptions;
  readonly #rows = new BesideRows();
  readonly #depths: Set<number>;
  #https = false;
  #isNew = true;
  /** Counts up when shape() changes, and with it the configuration. */
  shapeVersion = 0;

  constructor(options: NginxTableOptions) {
    this.#options = options;
    this.#depths = new Set(options.hostRouting ? USUAL_DEPTHS_WITH_HOST : USUAL_DEPTHS);
  }

  /** Reads back what is on disk: at start what an earlier daemon left, later what became of our own. */
  async open(): Promise<void> {
    const { live, marks, rowsFile } = this.#options;
    marks?.open();
    for (const [key, descriptor] of rowsFile === undefined ? [] : readRows(rowsFile))
      if (!fitsPaths(key, descriptor)) this.#rows.set(key, descriptor);
    await live?.open();
    for (const key of live?.entries.keys() ?? []) this.#depths.add(depthOf(key));
    for (const [, descriptor] of this.entries()) this.#https ||= isHttps(descriptor);
  }

  /** All routes, also those that nginx has not taken yet. */
  *entries(): Iterable<[string, Descriptor]> {
    yield* this.#options.live?.entries ?? [];
    yield* this.#rows.entries();
  }

  /** The routes that stand in the configuration itself, for a later daemon. */
  rows(): Iterable<[string, Descriptor]> {
    return this.#rows.entries();
  }

  get size(): number {
    return (this.#options.live?.entries.size ?? 0) + this.#rows.size;
  }

  get(key: string): Descriptor | undefined {
    return this.#rows.get(key) ?? this.#options.live?.entries.get(key);
  }

  /** Makes the table exactly `wanted`, by one switch of links. */
  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const gone = [...this.#rows.entries()].map(([key]) => key).filter((key) => !wanted.has(key));
    const { links } = await this.layOut(wanted, gone);
    await this.#replaceLinks(links, generation);
    this.#isNew = false;
  }

  async change(set: ReadonlyMap<string, Descriptor>, remove: readonly string[], generation: number): Promise<void> {
    const { links, rows } = await this.layOut(set, remove);
    await this.#changeLinks(links, [...remove, ...rows], generation);
  }

  /** What somebody else has done to the next few links; undefined when they are as we left them. */
  findDamage(): string | undefined {
    return this.#options.live?.findDamage();
  }

  shape(renderer: RowRenderer, settled: SettledRows | undefined): Shape {
    return {
      depths: [...this.#depths].filter((depth) => depth > 0).sort((a, b) => a - b),
      https: this.#https,
      lookups: this.#rows.lookups(renderer),
      rows: this.#rows.size,
      longestKey: this.#rows.longestKey(),
      settled,
    };
  }

  /** Takes up the routes that have to be rows of the configuration. Returns those that are links, and the keys of the rows. */
  async layOut(set: ReadonlyMap<string, Descriptor>, remove: Iterable<string> = []) {
    const breather = new Breather();
    const links = new Map<string, Descriptor>();
    const rows: string[] = [];
    for (const key of remove) this.#removeRow(key);
    for (const [key, descriptor] of set) {
      this.#addDepth(depthOf(key));
      this.#addScheme(descriptor);
      if (fitsPaths(key, descriptor)) {
        links.set(key, descriptor);
        this.#removeRow(key);
      } else {
        rows.push(key);
        if (this.#rows.set(key, descriptor)) this.shapeVersion++;
      }
      if (breather.isDue) await breather.rest();
    }
    return { links, rows };
  }

  /** At start the table on disk is nearly right already, and single changes do. Later, a replacement has to be one step. */
  async #replaceLinks(links: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const { live, marks } = this.#options;
    if (!live) return;
    const { changed, gone } = await differences(live.entries, links);
    if (this.#isNew || changed.size + gone.length <= 1) return await this.#changeLinks(changed, gone, generation);
    marks?.mark([...changed.keys(), ...gone]);
    await live.replace(links, generation);
  }

  async #changeLinks(set: ReadonlyMap<string, Descriptor>, remove: readonly string[], generation: number) {
    const { live, marks } = this.#options;
    if (!live) return;
    const changed: string[] = [];
    await inSlices(set, ([key, descriptor]) => (live.entries.get(key) === descriptor ? undefined : changed.push(key)));
    marks?.mark([...changed, ...remove.filter((key) => live.entries.has(key))]);
    await live.change(set, remove, generation);
  }

  #addDepth(depth: number): void {
    if (depth === 0 || this.#depths.has(depth)) return;
    this.#depths.add(depth);
    this.shapeVersion++;
  }

  #addScheme(descriptor: Descriptor): void {
    if (this.#https || !isHttps(descriptor)) return;
    this.#https = true;
    this.shapeVersion++;
  }

  #removeRow(key: string): void {
    if (this.#rows.delete(key)) this.shapeVersion++;
  }
}

/** The rows of a deployed configuration; none when there is no file, or it is not ours. */
function readRows(file: string): [string, Descriptor][] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as [string, Descriptor][];
  } catch {
    return [];
  }
}
