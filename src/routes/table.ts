import { type Breather, inSlices } from '../system/breather.ts';
import type { Batch } from './plan.ts';
import { type Cause, type Entry, moveForward, type Route, takeOver } from './route.ts';
import { isInScope, type Scope } from './scope.ts';

/** So many changes take no time worth a copy of the table. */
const AT_ONCE = 1_000;

/** A part of the table, and how many routes are in it. */
interface Counted {
  readonly scope: Scope;
  routes: number;
}

/** The wanted table, in memory. The store holds the same: a change is committed there first. */
export class RoutingTable {
  #entries = new Map<string, Entry>();
  #generation: number;
  #isKnown: boolean;
  readonly #counts: Counted[] = [];

  /** Without anything it is not known what the table is. */
  constructor(generation?: number, entries: Iterable<Entry> = []) {
    this.#generation = generation ?? 0;
    this.#isKnown = generation !== undefined;
    for (const entry of entries) this.#entries.set(entry.route.key, entry);
  }

  /** Grows with every batch that changes a route. */
  get generation(): number {
    return this.#generation;
  }

  /** Is this a table that was stored? Before, nothing may be made of it: an empty one would end all that is served. */
  get isKnown(): boolean {
    return this.#isKnown;
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

  /** How many routes are in a scope; kept up to date with each change, for who asks at every request. */
  counter(scope: Scope): () => number {
    const counted = { scope, routes: this.#routesIn(scope) };
    this.#counts.push(counted);
    return () => counted.routes;
  }

  /** As they are now. */
  routes(): Route[] {
    return Array.from(this.#entries.values(), ({ route }) => route);
  }

  /** Puts another table in the place of this one; what is known of the use of its routes stays. */
  reset(generation: number, entries: Iterable<Entry>): void {
    const before = this.#entries;
    this.#isKnown = true;
    this.#generation = generation;
    this.#entries = new Map();
    for (const entry of entries) {
      const known = before.get(entry.route.key);
      const now: Entry = { ...entry, cause: known ? 'replica' : 'restored' };
      if (known) takeOver(now, known);
      this.#entries.set(entry.route.key, now);
    }
    for (const counted of this.#counts) counted.routes = this.#routesIn(counted.scope);
  }

  apply({ generation, added, changed, removed, touched }: Batch): void {
    this.#isKnown = true;
    this.#generation = generation;
    for (const key of removed) {
      this.#entries.delete(key);
      countKey(this.#counts, key, -1);
    }
    for (const { route } of added) countKey(this.#counts, route.key, 1);
    for (const given of [...added, ...changed]) {
      const entry = asAdded(given);
      const before = this.#entries.get(entry.route.key);
      if (before) takeOver(entry, before);
      this.#entries.set(entry.route.key, entry);
    }
    this.#touch(touched, 'added');
  }

  /** Another replica has seen these routes in use; those that aren't there are skipped. */
  touch(times: Iterable<readonly [key: string, ms: number]>): void {
    this.#touch(times, 'replica');
  }

  /**
   * The same for a batch that may be large. Others have their turn meanwhile and see the table as it was; what comes back switches to the
   * new one. Until then nothing else may change the table.
   */
  async prepare(batch: Batch, breather: Breather): Promise<() => void> {
    const { generation, added, changed, removed, touched } = batch;
    if (added.length + changed.length + removed.length + touched.length <= AT_ONCE) return () => this.apply(batch);
    const entries = new Map<string, Entry>();
    await inSlices(this.#entries, ([key, entry]) => entries.set(key, entry), breather);
    await inSlices(removed, (key) => entries.delete(key), breather);
    const renewed: [Entry, Entry][] = [];
    const set = (given: Entry) => {
      const entry = asAdded(given);
      const before = entries.get(entry.route.key);
      if (before) renewed.push([entry, before]);
      entries.set(entry.route.key, entry);
    };
    await inSlices(added, set, breather);
    await inSlices(changed, set, breather);
    const used: [Entry, number][] = [];
    const touch = ([key, ms]: readonly [string, number]) => {
      const entry = entries.get(key);
      if (entry) used.push([entry, ms]);
    };
    await inSlices(touched, touch, breather);
    const counts = this.#counts.map(({ scope }) => ({ scope, routes: 0 }));
    await inSlices(removed, (key) => countKey(counts, key, -1), breather);
    await inSlices(added, ({ route }) => countKey(counts, route.key, 1), breather);
    return () => {
      this.#generation = generation;
      for (const [index, counted] of this.#counts.entries()) counted.routes += counts[index]?.routes ?? 0;
      this.#entries = entries;
      for (const [entry, before] of renewed) takeOver(entry, before);
      for (const [entry, ms] of used) moveForward(entry, ms, 'added');
    };
  }

  #touch(times: Iterable<readonly [key: string, ms: number]>, cause: Cause): void {
    for (const [key, ms] of times) {
      const entry = this.#entries.get(key);
      if (entry) moveForward(entry, ms, cause);
    }
  }

  #routesIn(scope: Scope): number {
    let routes = 0;
    for (const key of this.#entries.keys()) if (isInScope(scope, key)) routes++;
    return routes;
  }
}

function asAdded({ route, lastActivity }: Entry): Entry {
  return { route, lastActivity, cause: 'added', seen: undefined };
}

function countKey(counts: readonly Counted[], key: string, by: number): void {
  for (const counted of counts) if (isInScope(counted.scope, key)) counted.routes += by;
}
