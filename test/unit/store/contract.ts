import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/routes/plan.ts';
import { type Entry, makeRoute } from '../../../src/routes/route.ts';
import type { Disk } from '../../../src/store/store.ts';
import { adding } from '../../support/adding.ts';

/** A batch with the parts that a test cares about. */
export function batch(generation: number, added: Record<string, number>, more: Partial<Batch> = {}): Batch {
  return {
    ...adding(generation, ...Object.entries(added).map(([key, lastActivity]) => entry(key, lastActivity))),
    ...more,
  };
}

export function entry(key: string, lastActivity: number, more: object = {}): Entry {
  return { route: makeRoute(key, { target: `http://backend${key}`, user: key, ...more }), lastActivity };
}

/** What every Disk must do. `reopen` gives a disk that sees what the given one has diskd; omitted where nothing lasts. */
export function diskContract(open: () => Promise<Disk>, reopen?: (disk: Disk) => Promise<Disk>): void {
  let disk: Disk;
  beforeEach(async () => {
    disk = await open();
  });
  afterEach(() => disk.close());

  async function times(): Promise<Record<string, number>> {
    const { entries } = await disk.load();
    return Object.fromEntries(entries.map((entry) => [entry.route.key, entry.lastActivity]));
  }

  it('starts empty, at generation 0', async () => {
    expect(await disk.load()).toEqual({ generation: 0, entries: [] });
  });

  it('gives back what was committed, to the letter', async () => {
    const odd = makeRoute('/user/ü \u0001"\'\u{1f600}', {
      target: 'http://h/\0\ud800',
      ['__proto__']: 1,
      deep: [{ a: null }],
    } as never);
    await disk.write(batch(7, {}, { added: [{ route: odd, lastActivity: 5 }] }));
    const { generation, entries } = await disk.load();
    expect(generation).toBe(7);
    expect(entries).toEqual([{ route: odd, lastActivity: 5 }]);
  });

  it('keeps the order in which keys were first added', async () => {
    await disk.write(batch(1, { '/c': 1, '/a': 1, '/b': 1 }));
    await disk.write(batch(2, {}, { changed: [entry('/a', 2, { port: 1 })] }));
    expect(Object.keys(await times())).toEqual(['/c', '/a', '/b']);
  });

  it('adds, changes, removes and touches', async () => {
    await disk.write(batch(1, { '/a': 1, '/b': 2, '/c': 3 }));
    const changed = [entry('/a', 10, { port: 1 })];
    await disk.write(batch(2, { '/d': 4 }, { changed, removed: ['/b', '/never'], touched: [['/c', 30]] }));
    expect(await times()).toEqual({ '/a': 10, '/c': 30, '/d': 4 });
    expect((await disk.load()).entries[0]?.route).toEqual(changed[0]?.route);
  });

  it('moves last activities forward and never back', async () => {
    await disk.write(batch(1, { '/a': 100, '/b': 100 }));
    await disk.touch([
      ['/a', 150.9],
      ['/b', 50],
      ['/gone', 1],
    ]);
    expect(await times()).toEqual({ '/a': 150, '/b': 100 });
    expect((await disk.load()).generation).toBe(1);
  });

  it('moves a last activity back that lies in the future', async () => {
    const now = Date.now();
    await disk.write(batch(1, { '/a': now + 3_600_000, '/b': 100 }));
    await disk.touch([['/a', now]]);
    expect(await times()).toEqual({ '/a': now, '/b': 100 });
  });

  it('is not changed by what happens to the entries it was given or gave', async () => {
    const given = batch(1, { '/a': 100 });
    await disk.write(given);
    for (const entry of [...given.added, ...(await disk.load()).entries]) entry.lastActivity = 999;
    expect(await times()).toEqual({ '/a': 100 });
  });

  it('refuses work after close', async () => {
    await disk.close();
    await expect(disk.write(batch(1, { '/a': 1 }))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  if (reopen) {
    describe('when opened again', () => {
      it('has everything that was acknowledged', async () => {
        await disk.write(batch(41, { '/a': 1, '/b': 2 }));
        await disk.write(batch(42, {}, { removed: ['/a'] }));
        await disk.touch([['/b', 77]]);
        const before = await disk.load();
        await disk.close();
        disk = (await reopen?.(disk)) ?? disk;
        expect(await disk.load()).toEqual(before);
        expect(before).toMatchObject({ generation: 42, entries: [{ lastActivity: 77 }] });
      });
    });
  }
}
