import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { type Scope, WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { sqlState } from '../../../src/store/postgres/failures.ts';
import { commit, head, load, refusalOfKey, replace, settle, since } from '../../../src/store/postgres/statements.ts';
import { describeEachPostgres } from '../../support/postgres.ts';
import { change, type Database, dataOf, openConnection, useDatabase } from './database.ts';

describeEachPostgres('the table in the database', (server) => {
  const { open } = useDatabase(server);
  let { connection, schema, postgres } = {} as Database;
  beforeEach(async () => {
    ({ connection, schema, postgres } = await open());
  });

  const put = (...args: Parameters<typeof change>) => commit(connection.query, schema, change(...args));
  const versions = async () => {
    const { rows } = await load(connection.query, schema);
    return rows.map(({ key, entry }) => [key, entry && JSON.parse(entry.route.data).version]);
  };

  test('starts empty, at generation 0', async () => {
    expect(await load(connection.query, schema)).toEqual({ generation: 0, stamp: expect.any(String), rows: [] });
  });

  test('keeps data to the letter, whatever is in it', async () => {
    const odd = makeRoute('/user/ü \u0001"\'\\{},\u{1f600}/NULL', {
      target: 'http://h/\0\ud800',
      ['__proto__']: 1,
      deep: [{ a: null }],
      zebra: 1,
      ant: 1.5e300,
    } as never);
    const wanted = new Map([[odd.key, { data: odd.data, lastActivity: 1_234.9 }]]);
    const { generation } = await commit(connection.query, schema, change({}, { put: wanted }));
    const { rows } = await load(connection.query, schema);
    expect(rows).toEqual([{ key: odd.key, created: generation, entry: { route: odd, lastActivity: 1_234 } }]);
  });

  test('says what a change did to each key, and keeps the order in which keys were added', async () => {
    const first = await put({ '/c': 1, '/a': 1, '/b': 1 });
    expect(first.did).toEqual(
      new Map([
        ['/c', 'added'],
        ['/a', 'added'],
        ['/b', 'added'],
      ]),
    );
    const second = await put({ '/a': 2, '/b': 1, '/d': 1, '/c': undefined, '/never': undefined });
    expect(second.did).toEqual(
      new Map([
        ['/a', 'changed'],
        ['/d', 'added'],
        ['/c', 'removed'],
      ]),
    );
    // A key that comes back is a new one.
    expect((await put({ '/c': 1, '/never': undefined })).did).toEqual(new Map([['/c', 'added']]));
    expect((await put({})).did).toEqual(new Map());
    expect(await versions()).toEqual([
      ['/a', 2],
      ['/b', 1],
      ['/d', 1],
      ['/c', 1],
    ]);
  });

  test('generations are times, each above the one before and above what the replica knows; each tells the stamp before it', async () => {
    const before = await head(connection.query, schema);
    const one = change({ '/a': 1 });
    const first = await commit(connection.query, schema, one);
    expect(Math.abs(first.generation - Date.now())).toBeLessThan(60_000);
    expect(first.previous).toBe(before.stamp);
    const second = await put({ '/a': 2 }, { own: first.generation + 1_000_000 });
    expect(second).toMatchObject({ generation: first.generation + 1_000_001, previous: one.stamp });
    const third = change({});
    expect((await commit(connection.query, schema, third)).generation).toBe(second.generation + 1);
    expect(await head(connection.query, schema)).toEqual({ generation: second.generation + 1, stamp: third.stamp });
  });

  test('tells what has changed since a generation, once a key, and whether that is all', async () => {
    const one = change({ '/a': 1, '/b': 1 });
    const { generation } = await commit(connection.query, schema, one);
    const mine = { generation, stamp: one.stamp };
    expect(await since(connection.query, schema, mine)).toEqual({ ...mine, continues: true, whole: false, rows: [] });

    await put({ '/a': 2 });
    await put({ '/a': 3, '/b': undefined });
    const { generation: newest } = await put({ '/c': 1 });
    const found = await since(connection.query, schema, mine);
    expect(found).toMatchObject({ generation: newest, continues: true, whole: false });
    expect(found.rows.map(({ key, entry }) => [key, entry?.route.data])).toEqual([
      ['/a', dataOf('/a', 3)],
      ['/b', undefined],
      ['/c', dataOf('/c')],
    ]);
    expect(found.rows.map(({ created }) => created)).toEqual([generation, generation, newest]);
    const strange = [
      { ...mine, stamp: randomUUID() },
      { ...mine, generation: generation - 1 },
    ];
    for (const other of strange) expect((await since(connection.query, schema, other)).continues).toBe(false);
  });

  test('replaces all of it, and what is equal stays as it was', async () => {
    const one = change({ '/a': 1, '/b': 1, '/c': 1 });
    const { generation } = await commit(connection.query, schema, one);
    const two = change({ '/d': 1, '/b': 2, '/c': 1 });
    const replaced = await replace(connection, schema, WHOLE_TABLE, two);
    expect(replaced.previous).toBe(one.stamp);
    expect(replaced.did).toEqual(
      new Map([
        ['/a', 'removed'],
        ['/b', 'changed'],
        ['/d', 'added'],
      ]),
    );
    expect(await versions()).toEqual([
      ['/b', 2],
      ['/c', 1],
      ['/d', 1],
    ]);
    const found = await since(connection.query, schema, { generation, stamp: one.stamp });
    expect(found).toMatchObject({ generation: replaced.generation, stamp: two.stamp, continues: true, whole: true });
    expect(found.rows.map(({ key, entry }) => [key, entry !== undefined])).toEqual([
      ['/a', false],
      ['/b', true],
      ['/d', true],
    ]);
    expect((await replace(connection, schema, WHOLE_TABLE, change({}))).did.size).toBe(3);
    expect(await versions()).toEqual([]);
  });

  test.each<[string, Scope, readonly string[]]>([
    ['a prefix', { prefix: '/bio' }, ['/bio', '/bio/', '/bio/a', '/bio/a/b', '/bio/\u{1f600}']],
    [
      'the root as a prefix',
      { prefix: '/' },
      [
        '/',
        '/bio',
        '/bio/',
        '/bio/a',
        '/bio/a/b',
        '/bio/\u{1f600}',
        '/bio-x',
        '/bio0',
        '/bi',
        '/x.y/bio',
        '/y',
        '/a.y/b',
        '/ay',
        '/%_/a',
      ],
    ],
    ['a domain', { domain: 'y' }, ['/y', '/a.y/b', '/x.y/bio']],
    ['a domain of dots and wildcards', { domain: '%_' }, ['/%_/a']],
  ])('replaces %s alone', async (_, scope, inside) => {
    const all = [
      '/',
      '/bio',
      '/bio/',
      '/bio/a',
      '/bio/a/b',
      '/bio/\u{1f600}',
      '/bio-x',
      '/bio0',
      '/bi',
      '/x.y/bio',
      '/y',
      '/a.y/b',
      '/ay',
      '/%_/a',
    ];
    await put(Object.fromEntries(all.map((key) => [key, 1])));
    const { did } = await replace(connection, schema, scope, change({ [inside[0] ?? '']: 2 }));
    expect([...did].sort()).toEqual(inside.map((key, index) => [key, index === 0 ? 'changed' : 'removed']).sort());
  });

  test('a change whose answer was lost is found, by its stamp', async () => {
    const one = change({ '/a': 1 });
    const { generation } = await commit(connection.query, schema, one);
    expect(await settle(connection.query, schema, one)).toBe(generation);
    const two = change({ '/b': 1 });
    const { generation: second } = await replace(connection, schema, WHOLE_TABLE, two);
    expect(await settle(connection.query, schema, two)).toBe(second);
  });

  test('a change that was not stored never is once that was said, however late it comes', async () => {
    const late = change({ '/late': 1 }, { own: 5 });
    for (let asked = 0; asked < 2; asked++) expect(await settle(connection.query, schema, late)).toBeUndefined();
    const refused = await commit(connection.query, schema, late).catch((error) => error);
    expect(sqlState(refused)).toBe('23505');
    await expect(replace(connection, schema, WHOLE_TABLE, late)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await versions()).toEqual([]);
    // The others go on.
    expect((await put({ '/a': 1 })).previous).toBe(late.stamp);
  });

  test('whoever settles waits for a change that is under way', async () => {
    const one = change({ '/a': 1 });
    const other = await openConnection(postgres.url);
    let settled: Promise<number | undefined> | undefined;
    const { generation } = await replace(
      {
        transaction: (work) =>
          connection.transaction(async (query) => {
            const committed = await work(query);
            settled = settle(other.query, schema, one);
            await new Promise((resolve) => setTimeout(resolve, 100));
            return committed;
          }),
      },
      schema,
      WHOLE_TABLE,
      one,
    );
    expect(await settled).toBe(generation);
  });

  test('tells everybody who listens', async () => {
    const heard: string[] = [];
    const listener = await openConnection(postgres.url, {
      onUp: async ({ query }) => void (await query(`LISTEN "${schema}"`, [], 1_000)),
      onNotification: (channel, payload) => heard.push(`${channel} ${payload}`),
    });
    const first = await put({ '/a': 1 });
    const second = await replace(connection, schema, WHOLE_TABLE, change({}, { replica: 'two' }));
    // What was sent before the answer to this one is there with it.
    await listener.query('SELECT 1', [], 1_000);
    expect(heard).toEqual([`${schema} c one ${first.generation}`, `${schema} c two ${second.generation}`]);
  });

  test('what has changed is looked up in an index, even in tables that the database knows nothing of yet', async () => {
    for (const table of ['routes', 'activity'])
      await postgres.query(`ALTER TABLE "${schema}".${table} SET (autovacuum_enabled = false)`);
    await put(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`/user/${index}`, 1])));
    const newest = await head(connection.query, schema);
    let plan = '';
    const explain: typeof connection.query = async (text, values, deadlineMs) => {
      const rows = await connection.query<Record<string, string>>(`EXPLAIN ${text}`, values, deadlineMs);
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return connection.query(text, values, deadlineMs);
    };
    expect((await since(explain, schema, newest)).rows).toEqual([]);
    expect(plan).toMatch(/Index Scan/);
    expect(plan).not.toMatch(/Seq Scan on (routes|activity)|JIT/);
  });

  test('a key of 2,000 bytes is stored, and no longer one is let through', async () => {
    // Nothing that PostgreSQL could make small.
    const noise = Array.from({ length: 1_999 }, () => String.fromCharCode(33 + Math.floor(Math.random() * 14))).join(
      '',
    );
    const longest = `/${noise}`;
    expect(refusalOfKey(longest)).toBeUndefined();
    await put({ [longest]: 1 });
    expect((await versions())[0]).toEqual([longest, 1]);
    expect(refusalOfKey(`/${'é'.repeat(1_000)}`)).toMatchObject({
      of: 'routespec',
      message: expect.stringMatching(/2001/),
    });
    expect(refusalOfKey(`${longest}x`)).toBeDefined();
  });

  test('says what is missing when somebody has emptied it', async () => {
    await connection.query(`DELETE FROM "${schema}".meta`, [], 1_000);
    for (const failed of [put({ '/a': 1 }), load(connection.query, schema), head(connection.query, schema)]) {
      await expect(failed).rejects.toThrow('the table meta of the database is empty');
    }
  });
});
