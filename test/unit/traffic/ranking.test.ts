import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breather } from '../../../src/system/breather.ts';
import { finder, ROUTE_SORTS, SHOWS } from '../../../src/traffic/choices.ts';
import { KeyOrder } from '../../../src/traffic/key-order.ts';
import { KINDS } from '../../../src/traffic/kind-of.ts';
import { type RouteChoice, rankRoutes } from '../../../src/traffic/ranking.ts';
import type { RouteRow } from '../../../src/traffic/rows.ts';
import { Surveyor } from '../../../src/traffic/survey.ts';
import { HOUR, MINUTE, SECOND, UNREACHABLE } from './hits.ts';
import { trafficScene } from './scene.ts';

const ALL: RouteChoice = { q: '', show: 'all', kind: undefined, sort: 'route', desc: false };
const WHOLE = { offset: 0, limit: 500 };

/** Routes of every kind, used in every way. */
function busyHub() {
  const scene = trafficScene();
  const { add, request, state, data } = scene;
  add('/', { hub: true }, 'http://hub:8081');
  add('/user/Ada', { user: 'Ada', server_name: '' }, 'http://10.0.0.1:8888');
  add('/user/bob', { user: 'bob', server_name: '' }, 'http://10.0.0.2:8888');
  add('/user/bob/gpu', { user: 'bob', server_name: 'gpu' }, 'http://me:s3cret@10.0.0.3:8888');
  add('/services/grader', { service: 'grader' }, 'http://10.0.1.1:80');
  add('/docs', { extra: true }, 'http://docs');
  add('/old', {}, 'http://old');
  for (const key of ['/', '/user/Ada', '/user/bob', '/services/grader']) request(key);
  state.now += 2 * HOUR;
  for (let n = 0; n < 3; n++) request('/user/Ada', { firstByte: 3_000 });
  request('/user/bob/gpu', UNREACHABLE);
  request('/', { status: 503 });
  request('/', { status: 503 });
  data('/services/grader');
  state.now += 6 * MINUTE;
  request('/user/bob', { status: 404 });
  state.open = new Map([
    ['/docs', 2],
    ['/user/bob', 1],
  ]);
  return scene;
}

const keysOf = async (scene: ReturnType<typeof trafficScene>, choice: Partial<RouteChoice>) =>
  (await scene.history.routes({ ...ALL, ...choice }, WHOLE)).rows.map(({ key }) => key);

describe('a list of routes', () => {
  it.each([
    [{}, ['/', '/docs', '/old', '/services/grader', '/user/Ada', '/user/bob', '/user/bob/gpu']],
    [{ show: 'active' }, ['/docs', '/user/bob']],
    [{ show: 'errors' }, ['/', '/user/bob/gpu']],
    [{ show: 'slow' }, ['/user/Ada']],
    [{ show: 'idle' }, ['/', '/docs', '/old', '/user/bob', '/user/bob/gpu']],
    [{ show: 'never' }, ['/docs', '/old']],
    [{ show: 'foreign' }, ['/old']],
    [{ kind: 'user' }, ['/user/Ada', '/user/bob', '/user/bob/gpu']],
    [{ kind: 'hub' }, ['/']],
    [{ kind: 'user', show: 'errors' }, ['/user/bob/gpu']],
    [{ q: 'ADA' }, ['/user/Ada']],
    [{ q: '10.0.0.' }, ['/user/Ada', '/user/bob', '/user/bob/gpu']],
    [{ q: '.*' }, []],
    // What is not shown is not found either.
    [{ q: 's3cret' }, []],
  ] as [Partial<RouteChoice>, string[]][])('shows %j', async (choice, keys) => {
    expect(await keysOf(busyHub(), choice)).toEqual(keys);
  });

  it.each([
    ['route', ['/', '/docs', '/old', '/services/grader', '/user/Ada', '/user/bob', '/user/bob/gpu']],
    ['owner', ['/', '/docs', '/old', '/user/Ada', '/user/bob', '/user/bob/gpu', '/services/grader']],
    ['open', ['/', '/old', '/services/grader', '/user/Ada', '/user/bob/gpu', '/user/bob', '/docs']],
    ['errors', ['/docs', '/old', '/services/grader', '/user/Ada', '/user/bob', '/user/bob/gpu', '/']],
  ] as const)('is sorted by %s, ties by key', async (sort, keys) => {
    const scene = busyHub();
    expect(await keysOf(scene, { sort })).toEqual(keys);
  });

  it('is the same in parts, and says how many there are', async () => {
    const { history } = busyHub();
    const keys: string[] = [];
    for (let offset = 0; offset < 9; offset += 2) {
      const { total, matching, rows } = await history.routes(
        { ...ALL, kind: 'user', sort: 'used', desc: true },
        { offset, limit: 2 },
      );
      expect([total, matching]).toEqual([7, 3]);
      keys.push(...rows.map(({ key }) => key));
    }
    expect(keys).toEqual(['/user/Ada', '/user/bob', '/user/bob/gpu']);
  });

  it('has all there is to know of each', async () => {
    const scene = busyHub();
    const { rows } = await scene.history.routes({ ...ALL, q: 'gpu' }, WHOLE);
    expect(rows).toEqual([
      {
        ...{
          key: '/user/bob/gpu',
          target: 'http://10.0.0.3:8888/',
          kind: 'user',
          user: 'bob',
          server: 'gpu',
          service: null,
        },
        ...{ open: 0, requestsPerMinute: 0, requests: 1, serverErrors: 1, unreachable: 1, recentErrors: 0 },
        unreachableSince: scene.state.now - 6 * MINUTE,
        ...{
          lastStatus: 502,
          firstByteP95: null,
          lastActivity: scene.state.now - 2 * HOUR - 6 * MINUTE,
          cause: 'added',
        },
        minutes: [1, 0, 0, 0, 0, 0, 0],
      },
    ]);
  });

  it('tells what can not be seen as null', async () => {
    const scene = busyHub();
    scene.state.open = null;
    const { rows } = await scene.history.routes(ALL, WHOLE);
    expect(new Set(rows.map(({ open }) => open))).toEqual(new Set([null]));
    expect(rows.find(({ key }) => key === '/old')).toMatchObject({
      minutes: null,
      lastStatus: null,
      firstByteP95: null,
    });
    const blind = busyHub();
    blind.state.isWatched = false;
    expect((await blind.history.routes(ALL, WHOLE)).rows[0]).toMatchObject({ open: null, cause: null });
    expect(await keysOf(blind, { show: 'never' })).toEqual([]);
  });
});

it('a text is found whatever its case, and whatever it means to a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aZ0 .*+?^$(){}[]|\\/-_~,:<=!"\'\n\0é😀') });
  fc.assert(
    fc.property(text, text, text, (before, q, after) => {
      expect(finder(q)(before + q + after)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), (q, text) => {
      expect(finder(q)(text)).toBe(text.toLowerCase().includes(q.toLowerCase()));
    }),
  );
  expect(finder('ÄDA')('/user/äda')).toBe(true);
});

it('filter, order and page are what a naive list says', async () => {
  const name = fc.constantFrom('ada', 'Bob', 'eve', 'x y');
  const data = fc.oneof(
    fc.record({ user: name, server_name: fc.constantFrom('', 'gpu') }),
    fc.record({ service: name }),
    fc.constantFrom({ hub: true }, { extra: true }, {}),
  );
  const use = fc.record({
    data,
    requests: fc.integer({ min: 0, max: 3 }),
    status: fc.constantFrom(200, 404, 503),
    firstByte: fc.constantFrom(5, 5_000),
    open: fc.integer({ min: 0, max: 2 }),
    age: fc.oneof(fc.constantFrom(4, 5, 59, 60, 61), fc.integer({ min: 0, max: 90 })),
  });
  const choices = fc.record({
    q: fc.constantFrom('', 'a', 'B', 'nobody'),
    show: fc.constantFrom(...SHOWS),
    kind: fc.option(fc.constantFrom(...KINDS), { nil: undefined }),
    sort: fc.constantFrom(...ROUTE_SORTS),
    desc: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(use, { maxLength: 12 }),
      choices,
      fc.nat(6),
      fc.integer({ min: 1, max: 6 }),
      async (uses, choice, offset, limit) => {
        const scene = trafficScene();
        const open = new Map<string, number>();
        const end = scene.state.now + 100 * MINUTE;
        for (const [index, one] of uses.entries()) {
          // Out of order.
          const key = `/${(index * 7) % 13}`;
          scene.state.now = end - one.age * MINUTE;
          scene.add(key, one.data, `http://${index % 3}`);
          for (let n = 0; n < one.requests; n++) scene.request(key, { status: one.status, firstByte: one.firstByte });
          open.set(key, one.open);
        }
        scene.state.now = end;
        scene.state.open = open;
        const { rows: all } = await scene.history.routes(ALL, WHOLE);
        expect(all.map(({ key }) => key)).toEqual([...scene.table.keys()].sort());
        const expected = all.filter((row) => isShown(row, choice, end));
        expected.sort((a, b) => (choice.desc ? -1 : 1) * inOrder(sortKey(a, choice.sort), sortKey(b, choice.sort)));
        const got = await scene.history.routes(choice, { offset, limit });
        expect(got.matching).toBe(expected.length);
        if (choice.sort === 'route') expect(got.rows).toEqual(expected.slice(offset, offset + limit));
        else
          expect(got.rows.map(({ key }) => key)).toEqual(expected.slice(offset, offset + limit).map(({ key }) => key));
      },
    ),
  );
});

function isShown(row: RouteRow, { q, show, kind }: RouteChoice, now: number): boolean {
  const isUnused = row.minutes === null && row.cause === 'added';
  const shows = {
    all: true,
    active: (row.open ?? 0) > 0 || row.requestsPerMinute > 0 || (!isUnused && now - row.lastActivity < 5 * MINUTE),
    errors: row.serverErrors > 0,
    slow: (row.firstByteP95 ?? 0) > SECOND,
    idle: now - row.lastActivity > HOUR,
    never: isUnused,
    foreign: row.kind === 'foreign',
  };
  const names = [row.key, row.user ?? '', row.target].map((text) => text.toLowerCase());
  return (
    shows[show] && (kind === undefined || row.kind === kind) && names.some((text) => text.includes(q.toLowerCase()))
  );
}

function sortKey(row: RouteRow, sort: RouteChoice['sort']): string | number {
  const by = {
    route: row.key,
    owner: row.user ?? row.service ?? '',
    target: row.target,
    open: row.open ?? -1,
    requests: row.requestsPerMinute,
    errors: row.serverErrors,
    slow: row.firstByteP95 ?? -1,
    used: row.lastActivity,
  };
  return by[sort];
}

function inOrder(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}

describe('the work for a list', () => {
  it('is done once for all who ask within two seconds', async () => {
    const { table, add } = trafficScene();
    for (let n = 0; n < 50; n++) add(`/${n}`);
    let looks = 0;
    const byRoute = { of: () => void looks++ };
    const surveyor = new Surveyor({
      table,
      byRoute,
      sight: { openOf: () => 0, causeOf: () => null },
      fresh: async () => 0,
      now: Date.now,
    });
    const surveys = await Promise.all([surveyor.latest(), surveyor.latest(), surveyor.latest()]);
    expect(looks).toBe(50);
    const [survey] = surveys;
    expect(new Set(surveys).size).toBe(1);
    const [one, other] = [
      await rankRoutes(survey, ALL, WHOLE),
      await rankRoutes(survey, { ...ALL }, { offset: 5, limit: 2 }),
    ];
    expect([one.rows.length, other.rows]).toEqual([50, [5, 6]]);
    expect(survey.found.size).toBe(1);
  });

  it('is tried again after it failed', async () => {
    const { table, add } = trafficScene();
    add('/a');
    let failures = 1;
    const fresh = async () => {
      if (failures-- > 0) throw new Error('the database is away');
      return 0;
    };
    const surveyor = new Surveyor({
      table,
      byRoute: { of: () => undefined },
      sight: { openOf: () => 0, causeOf: () => null },
      fresh,
      now: Date.now,
    });
    await expect(surveyor.latest()).rejects.toThrow('away');
    expect((await surveyor.latest()).ordered.entries).toHaveLength(1);
  });

  it('follows the table', async () => {
    const { table, add, remove } = trafficScene();
    const order = new KeyOrder(table);
    const keys = async () => (await order.ordered(new Breather())).entries.map(({ route }) => route.key);
    const step = fc.tuple(
      fc.boolean(),
      fc.integer({ min: 0, max: 15 }).map((n) => `/${n}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        for (const [isAdded, key] of steps) isAdded ? add(key) : remove(key);
        expect(await keys()).toEqual([...table.keys()].sort());
        for (const entry of (await order.ordered(new Breather())).entries)
          expect(table.get(entry.route.key)).toBe(entry);
      }),
    );
    // Another table in the place of this one, of the same generation.
    table.reset(table.generation, [...table.entries()]);
    for (const entry of (await order.ordered(new Breather())).entries) expect(table.get(entry.route.key)).toBe(entry);
  });
});
