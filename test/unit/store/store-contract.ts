import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Batch } from '../../../src/routes/plan.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import type { Wish } from '../../../src/routes/wish.ts';
import type { Loaded, Sink, Store } from '../../../src/store/store.ts';
import { entry } from './contract.ts';

/** A table that follows a store, and what it was handed. */
export class Follower implements Sink {
  readonly table = new RoutingTable();
  readonly batches: Batch[] = [];
  resets = 0;

  reset({ generation, entries }: Loaded): void {
    this.resets++;
    this.table.reset(generation, entries);
  }

  async batch(batch: Batch): Promise<void> {
    this.batches.push(batch);
    this.table.apply(batch);
  }

  used(times: Iterable<readonly [string, number]>): void {
    this.table.touch(times);
  }

  get targets(): Record<string, string> {
    return Object.fromEntries(this.table.routes().map(({ key, target }) => [key, target]));
  }

  get times(): Record<string, number> {
    return Object.fromEntries(Array.from(this.table.entries(), ({ route, lastActivity }) => [route.key, lastActivity]));
  }
}

/** Sets each key to a route that says so, with a last activity; null removes. */
export function wish(
  put: Readonly<Record<string, number | null>>,
  more: Partial<Wish> & { version?: number } = {},
): Wish {
  const { version = 1, clear } = more;
  const entries = Object.entries(put).map(
    ([key, ms]) => [key, ms === null ? undefined : entry(key, ms, { version })] as const,
  );
  return { clear, put: new Map(entries) };
}

/** What every Store must do. `reopen` gives a store that sees what the given one has stored. */
export function storeContract(open: () => Promise<Store>, reopen: (store: Store) => Promise<Store>): void {
  let store: Store;
  let sink: Follower;
  beforeEach(async () => {
    store = await open();
    sink = new Follower();
    await store.open(sink);
  });
  afterEach(() => store.close());

  /** The table as who comes later has it. */
  async function stored(): Promise<Follower> {
    await store.close();
    store = await reopen(store);
    const follower = new Follower();
    await store.open(follower);
    return follower;
  }

  it('hands over an empty table first, which is then known to be empty', () => {
    expect([sink.resets, sink.table.size, sink.table.isKnown]).toEqual([1, 0, true]);
  });

  it('says what a wish has changed, has the sink know it, and keeps it', async () => {
    const first = await store.commit(wish({ '/a': 1_000, '/b': 2_000, '/none': null }));
    expect([first.added.map(({ route }) => route.key), first.changed, first.removed]).toEqual([['/a', '/b'], [], []]);
    expect(sink.table.generation).toBe(first.generation);
    const second = await store.commit(wish({ '/a': 5_000, '/b': null, '/c': 3_000 }, { version: 2 }));
    expect(second).toMatchObject({
      changed: [{ route: { key: '/a' } }],
      removed: ['/b'],
      added: [{ route: { key: '/c' } }],
    });
    expect(second.generation).toBeGreaterThan(first.generation);
    expect(sink.times).toEqual({ '/a': 5_000, '/c': 3_000 });
    const later = await stored();
    expect([later.targets, later.times, later.table.generation]).toEqual([sink.targets, sink.times, second.generation]);
    expect([...later.table.keys()]).toEqual(['/a', '/c']);
  });

  it('takes a route that is given again as it is for use of it, and never back in time', async () => {
    await store.commit(wish({ '/a': 2_000, '/b': 2_000 }));
    const again = await store.commit(wish({ '/a': 3_000, '/b': 1_000 }));
    expect([again.added, again.changed, again.removed]).toEqual([[], [], []]);
    expect(sink.times).toEqual({ '/a': 3_000, '/b': 2_000 });
    expect((await stored()).times).toEqual({ '/a': 3_000, '/b': 2_000 });
  });

  it('clears a scope alone', async () => {
    await store.commit(
      wish({ '/': 1, '/bio': 1, '/bio/a': 1, '/bio/b': 1, '/biology': 1, '/x.y/a': 1, '/y': 1, '/xy': 1 }),
    );
    const path = await store.commit(wish({ '/bio/b': 2, '/bio/c': 2 }, { clear: { prefix: '/bio' } }));
    expect([path.whole, [...path.removed].sort()]).toEqual([true, ['/bio', '/bio/a']]);
    const host = await store.commit(wish({}, { clear: { domain: 'y' } }));
    expect([...host.removed].sort()).toEqual(['/x.y/a', '/y']);
    expect(Object.keys(sink.targets).sort()).toEqual(['/', '/bio/b', '/bio/c', '/biology', '/xy']);
    const all = await store.commit(wish({ '/': 3, '/new': 3 }, { clear: { prefix: '/' } }));
    expect(all.added.map(({ route }) => route.key)).toEqual(['/new']);
    expect((await stored()).targets).toEqual(sink.targets);
    expect(Object.keys(sink.targets).sort()).toEqual(['/', '/new']);
  });

  it('gives back what was stored to the letter', async () => {
    const odd = makeRoute('/user/ü "\'%_\\\u{1f600}', {
      target: 'http://h/\0\ud800',
      ['__proto__']: 1,
      deep: [{ a: null }],
    } as never);
    await store.commit({ clear: undefined, put: new Map([[odd.key, { route: odd, lastActivity: 5 }]]) });
    expect((await stored()).table.get(odd.key)).toEqual({ route: odd, lastActivity: 5, cause: 'restored' });
  });

  it('moves last activities of routes that are there', async () => {
    await store.commit(wish({ '/a': 1_000, '/b': 1_000 }));
    await store.touch([
      ['/a', 1_500.9],
      ['/b', 500],
      ['/gone', 9],
    ]);
    const later = await stored();
    await store.fresh();
    expect(later.times).toEqual({ '/a': 1_500, '/b': 1_000 });
  });

  it('is as new as can be when it is asked to be', async () => {
    await store.commit(wish({ '/a': 1 }));
    expect(await store.fresh()).toBe(0);
    expect(await store.fresh('/a')).toBe(0);
  });

  it('refuses work after close', async () => {
    await store.close();
    await expect(store.commit(wish({ '/a': 1 }))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
}
