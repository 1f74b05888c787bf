import type { Descriptor } from './descriptor.ts';
import type { Lookup, RowRenderer } from './map-index.ts';

/** One of the two ways in which nginx holds the routes. */
export interface NginxTable {
  /** Reads back what an earlier daemon left, and later what became of it. */
  open(): Promise<void>;
  /** Everything that is in the table, or on its way into it. */
  entries(): Iterable<[string, Descriptor]>;
  get(key: string): Descriptor | undefined;
  /** Makes the table exactly `wanted`, in one step of the proxy where that can be told apart from small steps. */
  replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void>;
  change(set: ReadonlyMap<string, Descriptor>, remove: readonly string[], generation: number): Promise<void>;
  /** What somebody else has done to the next few routes on disk, undefined when they are as they were left. Cheap: looks at a few. */
  findDamage(): string | undefined;
  /** The routes that stand in the configuration itself, for a later daemon. */
  rows(): Iterable<[string, Descriptor]>;
  /** Does every change of a route take a reload? */
  readonly reloadsForRoutes: boolean;
  /** What has to stand in the configuration. Whenever this changes, nginx has to be reloaded. */
  shape(renderer: RowRenderer): Shape;
  /** Counts up when shape() would give something else than before. */
  readonly shapeVersion: number;
}

export interface Shape {
  /** Depths at which the run folder is looked into. */
  readonly depths: readonly number[];
  /** Rows that stand in the configuration itself. */
  readonly lookups: readonly Lookup[];
  readonly rows: number;
  readonly longestKey: number;
  /** The generation, where the configuration is what tells it. */
  readonly generation: number | undefined;
}
