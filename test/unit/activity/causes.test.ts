import { beforeEach, describe, expect, test } from 'vitest';
import { Causes } from '../../../src/activity/causes.ts';
import { Unstored } from '../../../src/activity/unstored.ts';
import { type Entry, makeRoute } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { LocalStore } from '../../../src/store/local-store.ts';
import type { Disk } from '../../../src/store/store.ts';
import { Breather } from '../../../src/system/breather.ts';
import { createMemoryDisk } from '../../support/memory-disk.ts';

const START = 1_000_000;
const ADA = '/user/ada';
const NONE = { lastRequest: null, lastData: null };

let disk: Disk;
let table: RoutingTable;
let store: LocalStore;
let causes: Causes;

/** A daemon's start. */
async function start(): Promise<void> {
  table = new RoutingTable();
  causes = new Causes(table);
  store = new LocalStore(disk, { warn: () => undefined });
  await store.open({
    table,
    reset: ({ generation, entries }) => table.reset(generation, entries),
    batch: async (batch) => (await table.prepare(batch, new Breather()))(),
    used: (times) => table.touch(times),
  });
}

beforeEach(async () => {
  disk = createMemoryDisk();
  await start();
});

/** As the tracker does. */
function use(cause: 'request' | 'data', time: number, now = time): void {
  const entry = table.get(ADA) as Entry;
  causes.note(entry, cause, time, now);
  new Unstored().touch(entry, time, cause, now);
}

/** A change that has taken long enough for others to have had their turn has as many routes besides. */
describe.each([0, 2_000])('with %i other routes in each change', (others) => {
  async function put(target: string | undefined, lastActivity: number): Promise<void> {
    const wish = new Map<string, Entry | undefined>();
    for (let index = 0; index < others; index++) {
      const key = `/other/${index}`;
      wish.set(key, { route: makeRoute(key, { target: 'http://h' }), lastActivity });
    }
    wish.set(ADA, target === undefined ? undefined : { route: makeRoute(ADA, { target }), lastActivity });
    await store.commit({ clear: undefined, put: wish });
  }

  test('a route that was added says so, also of an earlier time', async () => {
    await put('http://a', START);
    expect(causes.of(ADA)).toEqual({ cause: 'added', ...NONE });
    expect(causes.of('/user/bob')).toBeUndefined();
    await put(undefined, START);
    expect(causes.of(ADA)).toBeUndefined();
    await put('http://a', 5);
    expect(causes.of(ADA)).toEqual({ cause: 'added', ...NONE });
  });

  test('what moved the time last is told, and both that were seen', async () => {
    await put('http://a', START);
    use('request', START + 10);
    expect(causes.of(ADA)).toEqual({ cause: 'request', lastRequest: START + 10, lastData: null });
    use('data', START + 20);
    expect(causes.of(ADA)).toEqual({ cause: 'data', lastRequest: START + 10, lastData: START + 20 });
    // Lines of the log come late.
    use('request', START + 15);
    expect(causes.of(ADA)).toEqual({ cause: 'data', lastRequest: START + 15, lastData: START + 20 });
    use('request', START + 5);
    expect(causes.of(ADA)).toEqual({ cause: 'data', lastRequest: START + 15, lastData: START + 20 });
  });

  test('a request that ended before the route was put did not move it', async () => {
    await put('http://a', START);
    use('request', START - 10, START + 10);
    expect(causes.of(ADA)).toEqual({ cause: 'added', lastRequest: START - 10, lastData: null });
  });

  test.each([
    ['as it is', 'http://a'],
    ['with another target', 'http://b'],
  ])('a route that is put again, %s, was added, and what was seen of it stays', async (_, target) => {
    await put('http://a', START);
    use('request', START + 10);
    await put(target, START + 20);
    expect(causes.of(ADA)).toEqual({ cause: 'added', lastRequest: START + 10, lastData: null });
    use('data', START + 30);
    expect(causes.of(ADA)).toEqual({ cause: 'data', lastRequest: START + 10, lastData: START + 30 });
  });

  test('a route that is put again with an older time has not been moved', async () => {
    await put('http://a', START);
    use('data', START + 10);
    await put('http://b', START + 5);
    expect(table.get(ADA)?.lastActivity).toBe(START + 10);
    expect(causes.of(ADA)).toEqual({ cause: 'data', lastRequest: null, lastData: START + 10 });
  });

  test('use while a change is made counts', async () => {
    await put('http://a', START);
    const route = makeRoute(ADA, { target: 'http://b' });
    const filler = Array.from({ length: others }, (_, index) => [`/other/${index}`, START] as const);
    const batch = { generation: 9, whole: false, added: [], removed: [], touched: filler };
    const apply = await table.prepare({ ...batch, changed: [{ route, lastActivity: START + 5 }] }, new Breather());
    use('request', START + 10);
    apply();
    expect(table.get(ADA)).toMatchObject({ route: { target: 'http://b' }, lastActivity: START + 10 });
    expect(causes.of(ADA)).toEqual({ cause: 'request', lastRequest: START + 10, lastData: null });
  });

  test('a route that went and came again is another one', async () => {
    await put('http://a', START);
    use('request', START + 10);
    await put(undefined, START);
    await put('http://a', START + 20);
    expect(causes.of(ADA)).toEqual({ cause: 'added', ...NONE });
  });

  test('at the next start it was restored, until it is used', async () => {
    await put('http://a', START);
    use('request', START + 10);
    await start();
    expect(causes.of(ADA)).toEqual({ cause: 'restored', ...NONE });
    // What was read already is read again after a crash.
    use('request', START - 10);
    expect(causes.of(ADA)).toMatchObject({ cause: 'restored', lastRequest: START - 10 });
    use('request', START + 20);
    expect(causes.of(ADA)).toMatchObject({ cause: 'request', lastRequest: START + 20 });
  });
});

test('another replica is told of where it has seen later use, and nothing else', async () => {
  const route = makeRoute(ADA, { target: 'http://a' });
  await store.commit({ clear: undefined, put: new Map([[ADA, { route, lastActivity: START }]]) });
  use('request', START + 10);
  // Our own time comes back.
  table.touch([[ADA, START + 10]]);
  expect(causes.of(ADA)?.cause).toBe('request');
  table.touch([[ADA, START + 20]]);
  expect(causes.of(ADA)).toEqual({ cause: 'replica', lastRequest: START + 10, lastData: null });
  use('data', START + 30);
  expect(causes.of(ADA)?.cause).toBe('data');
});

test('a table that is loaded anew, as of a database that was away, leaves what is known', async () => {
  const entry = (key: string, lastActivity: number) => ({
    route: makeRoute(key, { target: 'http://a' }),
    lastActivity,
  });
  const later = '/user/bob';
  const put = new Map([ADA, later].map((key) => [key, entry(key, START)]));
  await store.commit({ clear: undefined, put });
  use('request', START + 10);
  table.reset(9, [entry(ADA, START + 5), entry(later, START + 5), entry('/user/new', START)]);
  expect(causes.of(ADA)).toEqual({ cause: 'request', lastRequest: START + 10, lastData: null });
  expect(causes.of(later)).toEqual({ cause: 'replica', ...NONE });
  expect(causes.of('/user/new')).toEqual({ cause: 'restored', ...NONE });
});

test('times in the future, for the clock was set back, become now', async () => {
  const route = makeRoute(ADA, { target: 'http://a' });
  await store.commit({ clear: undefined, put: new Map([[ADA, { route, lastActivity: START }]]) });
  // A line of the log may be ahead as well.
  use('request', START + 9_000, START + 5_000);
  use('data', START + 4_000);
  expect(causes.of(ADA)).toEqual({ cause: 'request', lastRequest: START + 5_000, lastData: START + 4_000 });
  new Unstored().settle(table.entries(), START + 100);
  causes.settle(START + 100);
  expect(table.get(ADA)?.lastActivity).toBe(START + 100);
  expect(causes.of(ADA)).toEqual({ cause: 'request', lastRequest: START + 100, lastData: START + 100 });
  use('data', START + 200);
  expect(causes.of(ADA)).toEqual({ cause: 'data', lastRequest: START + 100, lastData: START + 200 });
});
