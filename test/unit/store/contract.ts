import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/routes/plan.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import type { Store } from '../../../src/store/store.ts';

/** A batch with the parts that a test cares about. */
export function batch(generation: number, set: Record<string, number>, more: Partial<Batch> = {}): Batch {
  return {
    generation,
    replace: false,
    remove: [],
    set: Object.entries(set).map(([key, lastActivity]) => ({
      route: makeRoute(key, { target: `http://backend${key}`, user: key }),
      lastActivity,
    })),
    ...more,
  };
}

/** What every Store must do. `reopen` gives a store that sees what the given one has stored; omitted where nothing lasts. */
export function storeContract(open: () => Promise<Store>, reopen?: (store: Store) => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  async function times(): Promise<Record<string, number>> {
    const { entries } = await store.load();
    return Object.fromEntries(entries.map((entry) => [entry.route.key, entry.lastActivity]));
  }

  it('starts empty, at generation 0', async () => {
    expect(await store.load()).toEqual({ generation: 0, entries: [] });
  });

  it('gives back what was committed, to the letter', async () => {
    const odd = makeRoute('/user/ü \u0001"\'\u{1f600}', {
      target: 'http://h/\0\ud800',
      ['__proto__']: 1,
      deep: [{ a: null }],
    } as never);
    await store.commit({ generation: 7, replace: false, remove: [], set: [{ route: odd, lastActivity: 5 }] });
    const { generation, entries } = await store.load();
    expect(generation).toBe(7);
    expect(entries).toEqual([{ route: odd, lastActivity: 5 }]);
  });

  it('keeps the order in which keys were first added', async () => {
    await store.commit(batch(1, { '/c': 1, '/a': 1, '/b': 1 }));
    await store.commit(batch(2, { '/a': 2 }));
    expect(Object.keys(await times())).toEqual(['/c', '/a', '/b']);
  });

  it('sets, replaces and removes', async () => {
    await store.commit(batch(1, { '/a': 1, '/b': 2 }));
    await store.commit(batch(2, { '/a': 10, '/c': 3 }, { remove: ['/b', '/never'] }));
    expect(await times()).toEqual({ '/a': 10, '/c': 3 });
    await store.commit(batch(3, { '/d': 4 }, { replace: true }));
    expect(await times()).toEqual({ '/d': 4 });
  });

  it('removes before it sets, so that one batch can do both to a key', async () => {
    await store.commit(batch(1, { '/a': 1 }));
    await store.commit(batch(2, { '/a': 2 }, { remove: ['/a'] }));
    expect(await times()).toEqual({ '/a': 2 });
  });

  it('moves last activities forward and never back', async () => {
    await store.commit(batch(1, { '/a': 100, '/b': 100 }));
    await store.touch([
      ['/a', 150.9],
      ['/b', 50],
      ['/gone', 1],
    ]);
    expect(await times()).toEqual({ '/a': 150, '/b': 100 });
    expect((await store.load()).generation).toBe(1);
  });

  it('moves a last activity back that lies in the future', async () => {
    const now = Date.now();
    await store.commit(batch(1, { '/a': now + 3_600_000, '/b': 100 }));
    await store.touch([['/a', now]]);
    expect(await times()).toEqual({ '/a': now, '/b': 100 });
  });

  it('is not changed by what happens to the entries it was given or gave', async () => {
    const given = batch(1, { '/a': 100 });
    await store.commit(given);
    for (const entry of [...given.set, ...(await store.load()).entries]) entry.lastActivity = 999;
    expect(await times()).toEqual({ '/a': 100 });
  });

  it('refuses work after close', async () => {
    await store.close();
    await expect(store.commit(batch(1, { '/a': 1 }))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  if (reopen) {
    describe('when opened again', () => {
      it('has everything that was acknowledged', async () => {
        await store.commit(batch(41, { '/a': 1, '/b': 2 }));
        await store.commit(batch(42, {}, { remove: ['/a'] }));
        await store.touch([['/b', 77]]);
        const before = await store.load();
        await store.close();
        store = (await reopen?.(store)) ?? store;
        expect(await store.load()).toEqual(before);
        expect(before).toMatchObject({ generation: 42, entries: [{ lastActivity: 77 }] });
      });
    });
  }
}
