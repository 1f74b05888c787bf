import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { type Entry, makeRoute } from '../../../src/routes/route.ts';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import type { Change } from '../../../src/routes/wish.ts';
import { createMemoryDisk } from '../../support/memory-disk.ts';
import { makeLoop, removing, replacing, route, setting } from './fake-driver.ts';

async function started(options: Parameters<typeof makeLoop>[0] = {}) {
  const loop = await makeLoop(options);
  loop.reconciler.start();
  return loop;
}

it('stores first, and changes of one moment in one transaction', async () => {
  const disk = createMemoryDisk();
  const commits: number[] = [];
  const { writer, table } = await started({
    disk: {
      ...disk,
      async write(batch) {
        expect(table.size).toBe(0);
        commits.push(batch.added.length);
        await disk.write(batch);
      },
    },
  });
  await Promise.all([writer.submit(setting(route('/a'))), writer.submit(setting(route('/b'), route('/c')))]);
  expect(commits).toEqual([3]);
  expect((await disk.load()).entries.map((entry) => entry.route.key)).toEqual(['/a', '/b', '/c']);
});

it('a change that could not be stored changes nothing and fails with the reason', async () => {
  const disk = createMemoryDisk();
  let full = true;
  const { writer, table, driver } = await started({
    disk: {
      ...disk,
      write: (batch) => (full ? Promise.reject(new SignalboxError('STORE_FULL', 'no room')) : disk.write(batch)),
    },
  });
  await expect(writer.submit(setting(route('/a')))).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(table.size).toBe(0);
  full = false;
  await writer.submit(setting(route('/b')));
  expect([...driver.served.keys()]).toEqual(['/b']);
});

it('a request that comes while a change is stored counts for a route that is set again', async () => {
  const disk = createMemoryDisk();
  let hit = (): void => {};
  const { writer, table } = await started({
    disk: {
      ...disk,
      async write(batch) {
        hit();
        await disk.write(batch);
      },
    },
  });
  await writer.submit(setting(route('/a')));
  const later = Date.now() + 5_000;
  hit = () => {
    (table.get('/a') as Entry).lastActivity = later;
  };
  await writer.submit(setting(route('/a', 'http://new')));
  expect(table.get('/a')).toMatchObject({ route: { target: 'http://new' }, lastActivity: later });
});

it('a route that the driver refuses fails alone', async () => {
  const { writer, table } = await started();
  const good = writer.submit(setting(route('/good')));
  await expect(writer.submit(setting(route('/refused')))).rejects.toMatchObject({
    code: 'BAD_ROUTESPEC',
    message: '"/refused": no such key',
    hint: 'Take another.',
  });
  await expect(writer.submit(setting(makeRoute('/x', { target: 'http://refused' })))).rejects.toMatchObject({
    code: 'BAD_TARGET',
    message: '"/x": no such target',
  });
  await good;
  expect([...table.routes()].map(({ key }) => key)).toEqual(['/good']);
});

it('of many routes, all that the driver refuses are named, and none is taken', async () => {
  const { writer, table } = await started();
  const bad = Array.from({ length: 1_500 }, (_, number) => ({
    route: makeRoute(`/${number}`, { target: 'http://refused' }),
  }));
  const set = [{ route: route('/good') }, { route: route('/refused') }, ...bad];
  const error = await writer.submit({ clear: WHOLE_TABLE, set, remove: [] }).catch((error: unknown) => error as Error);
  expect(error).toMatchObject({ code: 'BAD_TABLE', hint: 'Take another. Nothing was changed.' });
  const lines = (error as Error).message.split('\n');
  expect(lines.slice(0, 3)).toEqual([
    '1501 entries can not be taken:',
    '- "/refused": no such key',
    '- "/0": no such target',
  ]);
  expect(lines).toHaveLength(1_002);
  expect(lines.at(-1)).toBe('- and 501 more');
  expect(table.size).toBe(0);
});

it('each route that changes is a line of the log, in the words of configurable-http-proxy and without secrets', async () => {
  const { writer, changeLines } = await started();
  const said = () => changeLines.splice(0);
  await writer.submit(setting(makeRoute('/a', { target: 'http://me:s3cret@h:1/x?token=s3cret' }), route('/b')));
  expect(said()).toEqual(['Route added /a -> http://h:1/x?…', `Route added /b -> ${route('/b').target}`]);
  await writer.submit(setting(route('/b')));
  expect(said()).toEqual([]);
  await writer.submit(removing('/b', '/none'));
  expect(said()).toEqual(['Removing route /b']);
  await writer.submit(replacing(...Array.from({ length: 150 }, (_, number) => route(`/${number}`))));
  const lines = said();
  expect([lines.length, lines[0], lines[100], lines[101]]).toEqual([
    102,
    `Route added /0 -> ${route('/0').target}`,
    'Removing route /a',
    'and 50 more routes added or removed',
  ]);
});

it('removing what is not there is no error, removes 0, and costs no pass', async () => {
  const { writer, driver, reconciler } = await started();
  await reconciler.waitFor(0, 1_000);
  expect(await writer.submit(removing('/nobody'))).toMatchObject({ removed: 0, generation: 0 });
  expect(driver.plans).toHaveLength(1);
});

it('of two removals at once the first one removes', async () => {
  const { writer } = await started();
  await writer.submit(setting(route('/a')));
  const outcomes = await Promise.all([writer.submit(removing('/a')), writer.submit(removing('/a'))]);
  expect(outcomes.map(({ removed }) => removed)).toEqual([1, 0]);
});

it('the same route again is stored for its time alone', async () => {
  const { writer, driver, table, disk } = await started();
  await writer.submit({ ...setting(), set: [{ route: route('/a'), lastActivity: 1_000 }] });
  const passes = driver.plans.length;
  const outcome = await writer.submit(setting(route('/a')));
  expect(outcome).toMatchObject({ added: 0, changed: 0, generation: 1 });
  expect(driver.plans).toHaveLength(passes);
  const stored = (await disk.load()).entries[0]?.lastActivity;
  expect(stored).toBe(table.get('/a')?.lastActivity);
  expect(stored).toBeGreaterThan(1_000);
});

it('an activity from the future counts as now', async () => {
  const { writer, table } = await started();
  await writer.submit({ ...setting(), set: [{ route: route('/a'), lastActivity: Date.now() + 1e9 }] });
  expect(table.get('/a')?.lastActivity).toBeLessThanOrEqual(Date.now());
});

it('refuses changes while it closes, and ends those that came before', async () => {
  const { writer, table } = await started();
  const before = writer.submit(setting(route('/a')));
  const closed = writer.close();
  await expect(writer.submit(setting(route('/b')))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await Promise.all([before, closed]);
  expect(table.size).toBe(1);
});

it('whatever changes come together, table, store, proxy and counts are as if they had come one after the other', async () => {
  const keys = fc.constantFrom('/', '/a', '/b', '/c');
  const routes = fc.array(
    fc.tuple(keys, fc.constantFrom('http://1', 'http://2')).map(([key, target]) => route(key, target)),
    { maxLength: 3 },
  );
  const change = fc.oneof(
    routes.map((some) => setting(...some)),
    fc.array(keys, { maxLength: 2 }).map((some) => removing(...some)),
    routes.map((some) => replacing(...some)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }), async (groups: Change[][]) => {
      const { writer, driver, disk, table, reconciler } = await started();
      const model = new Map<string, string>();
      for (const group of groups) {
        const outcomes = await Promise.all(group.map((one) => writer.submit(one)));
        group.forEach((one, index) => {
          const before = new Map(model);
          for (const key of one.remove) model.delete(key);
          if (one.clear) model.clear();
          for (const set of one.set) model.set(set.route.key, set.route.target);
          const removed = [...before.keys()].filter((key) => !model.has(key)).length;
          expect(outcomes[index]?.removed).toBe(removed);
        });
        expect(new Map([...table.routes()].map(({ key, target }) => [key, target]))).toEqual(model);
        expect(driver.served).toEqual(model);
        const { entries, generation } = await disk.load();
        expect(new Map(entries.map((entry) => [entry.route.key, entry.route.target]))).toEqual(model);
        expect(generation).toBe(table.generation);
      }
      await reconciler.stop();
    }),
    { numRuns: 200 },
  );
});

it.each([
  ['PUT', replacing],
  ['PATCH', setting],
])('whoever reads amid a large %s sees the old table or the new one', async (_, change) => {
  const { writer, table } = await started();
  const routes = (target: string) => Array.from({ length: 50_000 }, (_, i) => route(`/user/u${i}`, target));
  await writer.submit(replacing(...routes('http://old')));
  let done = false;
  const changed = writer.submit(change(...routes('http://new'))).finally(() => {
    done = true;
  });
  const seen: string[] = [];
  for (; !done; await new Promise((resolve) => setImmediate(resolve))) {
    const targets = new Set(Array.from(table.entries(), (entry) => entry.route.target));
    expect([table.size, targets.size]).toEqual([50_000, 1]);
    seen.push(...targets);
  }
  await changed;
  // The old table is seen for some turns, and then only the new one.
  expect(seen.lastIndexOf('http://old')).toBeGreaterThan(5);
  expect(seen.indexOf('http://new')).toBeGreaterThan(seen.lastIndexOf('http://old'));
});
