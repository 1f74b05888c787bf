import { beforeEach, expect, test } from 'vitest';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { prune } from '../../../src/store/postgres/prune.ts';
import { join, peers } from '../../../src/store/postgres/replicas.ts';
import { commit, head, load, since } from '../../../src/store/postgres/statements.ts';
import { timesIn } from '../../../src/store/postgres/times.ts';
import { describeEachPostgres } from '../../support/postgres.ts';
import { until } from '../../support/wait.ts';
import { change, type Database, openConnection, useDatabase } from './database.ts';

describeEachPostgres('what nobody needs any more', (server) => {
  const { open } = useDatabase(server);
  let { connection, schema, postgres } = {} as Database;
  beforeEach(async () => {
    ({ connection, schema, postgres } = await open());
  });
  const count = async (table: string) =>
    Number((await postgres.query(`SELECT count(*) FROM "${schema}".${table}`))[0]?.count);
  /** As if all that is there now was two days old. */
  const age = () =>
    postgres.query(
      `UPDATE "${schema}".generations SET at = at - interval '2 days'; UPDATE "${schema}".activity SET ms = ms - 2 * 86400000;
       UPDATE "${schema}".replicas SET lease_until = lease_until - interval '2 days'`,
    );

  test('goes after a day: generations, removed keys, their times; the table and the newest generation stay', async () => {
    await commit(connection.query, schema, change({ '/a': 1, '/b': 1, '/c': 1 }));
    const one = change({ '/b': undefined });
    const { generation } = await commit(connection.query, schema, one);
    await age();
    const kept = await head(connection.query, schema);
    await commit(connection.query, schema, change({ '/c': undefined }));
    const before = await load(connection.query, schema);

    // Three generations, the row of /b, the times of /b and /c. That /c went somebody may still ask for.
    expect(await prune(connection.query, schema)).toBe(6);
    expect(await prune(connection.query, schema)).toBe(0);
    expect([await count('generations'), await count('routes'), await count('activity')]).toEqual([1, 2, 1]);
    expect(await load(connection.query, schema)).toEqual(before);
    expect(await since(connection.query, schema, kept)).toMatchObject({ continues: false });
    expect(kept.generation).toBe(generation);
  });

  test('does not go while somebody may ask for it', async () => {
    await commit(connection.query, schema, change({ '/a': 1 }));
    const mine = await head(connection.query, schema);
    await commit(connection.query, schema, change({ '/a': undefined }));
    expect(await prune(connection.query, schema)).toBe(0);
    const { continues, rows } = await since(connection.query, schema, mine);
    expect([continues, rows.map(({ key, entry }) => [key, entry])]).toEqual([true, [['/a', undefined]]]);
  });

  test('goes however much it is', async () => {
    const keys = Array.from({ length: 12_000 }, (_, index) => `/user/${index}`);
    await commit(connection.query, schema, change(Object.fromEntries(keys.map((key) => [key, 1]))));
    await commit(connection.query, schema, change(Object.fromEntries(keys.map((key) => [key, undefined]))));
    await age();
    await commit(connection.query, schema, change({ '/a': 1 }));
    const others = await Promise.all([openConnection(postgres.url), openConnection(postgres.url)]);
    await Promise.all([connection, ...others].map((one) => prune(one.query, schema)));
    expect([await count('generations'), await count('routes'), await count('activity')]).toEqual([1, 1, 1]);
  });

  test('a key that comes back amid it keeps its row and its time', async () => {
    await commit(connection.query, schema, change({ '/a': 1 }));
    await commit(connection.query, schema, change({ '/a': undefined }));
    await age();
    await commit(connection.query, schema, change({ '/b': 1 }));
    const [writer, pruner] = [await openConnection(postgres.url), await openConnection(postgres.url)];
    let pruning: Promise<number> | undefined;
    await writer.transaction(async (query) => {
      await commit(query, schema, change({ '/a': 2 }));
      pruning = prune(pruner.query, schema);
      const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%'";
      await until(async () => (await postgres.query(waits)).length > 0, { what: 'the pruning to wait' });
    });
    await pruning;
    expect((await load(connection.query, schema)).rows.map(({ key }) => key)).toEqual(['/b', '/a']);
    expect((await timesIn(connection.query, schema, WHOLE_TABLE)).map(([key]) => key).sort()).toEqual(['/a', '/b']);
  });

  test('replicas are forgotten an hour after their lease has ended', async () => {
    const replica = { name: 'old', version: '1', schemaVersion: 1, api: undefined };
    const leases = { leaseMs: 1_000, leaveMs: 0 };
    await join(connection.query, schema, { ...replica, id: '00000000-0000-4000-8000-000000000001' }, leases);
    await age();
    await join(
      connection.query,
      schema,
      { ...replica, id: '00000000-0000-4000-8000-000000000002', name: 'new' },
      leases,
    );
    await prune(connection.query, schema);
    expect((await peers(connection.query, schema)).map(({ name }) => name)).toEqual(['new']);
  });
});
