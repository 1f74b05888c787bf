import { beforeEach, expect, test } from 'vitest';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { commit, load } from '../../../src/store/postgres/statements.ts';
import { timesIn, timesOfKeys, touch } from '../../../src/store/postgres/times.ts';
import { describeEachPostgres } from '../../support/postgres.ts';
import { change, type Database, useDatabase } from './database.ts';

const HOUR = 3_600_000;

describeEachPostgres('last activities in the database', (server) => {
  const { open } = useDatabase(server);
  let { connection, schema, postgres } = {} as Database;
  beforeEach(async () => {
    ({ connection, schema, postgres } = await open());
  });
  const times = async () => Object.fromEntries(await timesIn(connection.query, schema, WHOLE_TABLE));

  test('move forward and never back, and bring back no key', async () => {
    await commit(connection.query, schema, change({ '/a': 1, '/b': 1 }, { lastActivity: 100 }));
    await touch(connection.query, schema, [
      ['/a', 150.9],
      ['/b', 50],
      ['/never', 1],
    ]);
    expect(await times()).toEqual({ '/a': 150, '/b': 100 });
    // Nor does a change of the route.
    await commit(connection.query, schema, change({ '/a': 2 }, { lastActivity: 120 }));
    expect(await times()).toEqual({ '/a': 150, '/b': 100 });
    const { rows } = await load(connection.query, schema);
    expect(rows.map(({ entry }) => entry?.lastActivity)).toEqual([150, 100]);
  });

  test('are never in the future, as the database has it: not by a change, not by use', async () => {
    const future = Date.now() + HOUR;
    await commit(connection.query, schema, change({ '/a': 1, '/b': 1 }, { lastActivity: future }));
    await touch(connection.query, schema, [['/a', future]]);
    // The database's own clock was ahead.
    await postgres.query(`UPDATE "${schema}".activity SET ms = $1 WHERE key = '/b'`, [future]);
    await touch(connection.query, schema, [['/b', 5]]);
    for (const ms of Object.values(await times())) expect(Math.abs(ms - Date.now())).toBeLessThan(60_000);
  });

  test('are read of all, of what is below a key, and of single keys', async () => {
    await commit(
      connection.query,
      schema,
      change({ '/': 1, '/a': 1, '/a/b': 1, '/ab': 1, '/x.y': 1 }, { lastActivity: 7 }),
    );
    const keys = async (found: ReturnType<typeof timesIn>) => (await found).map(([key]) => key).sort();
    expect(await keys(timesIn(connection.query, schema, { prefix: '/a' }))).toEqual(['/a', '/a/b']);
    expect(await keys(timesIn(connection.query, schema, { domain: 'y' }))).toEqual(['/x.y']);
    expect(await timesOfKeys(connection.query, schema, ['/ab', '/none'])).toEqual([['/ab', 7]]);
    expect(await keys(timesIn(connection.query, schema, WHOLE_TABLE))).toEqual(['/', '/a', '/a/b', '/ab', '/x.y']);
  });

  test('of 25,000 routes are stored in one go', async () => {
    const keys = Array.from({ length: 25_000 }, (_, index) => `/user/${index}`);
    await commit(
      connection.query,
      schema,
      change(Object.fromEntries(keys.map((key) => [key, 1])), { lastActivity: 1 }),
    );
    await touch(
      connection.query,
      schema,
      keys.map((key) => [key, 2] as const),
    );
    const found = await timesIn(connection.query, schema, WHOLE_TABLE);
    expect(found).toHaveLength(keys.length);
    expect(found.every(([, ms]) => ms === 2)).toBe(true);
  });
});
