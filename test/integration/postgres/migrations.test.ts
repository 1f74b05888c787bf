import { beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../../src/store/postgres/connection.ts';
import {
  type Migration,
  migrate,
  requireSchema,
  SCHEMA_VERSION,
  schemaSql,
} from '../../../src/store/postgres/migrations.ts';
import { join } from '../../../src/store/postgres/replicas.ts';
import { commit, load } from '../../../src/store/postgres/statements.ts';
import { describeEachPostgres, type Postgres, startPostgres } from '../../support/postgres.ts';
import { change, openConnection } from './database.ts';

const [, tables = ''] = /^CREATE SCHEMA.*?\n(.*)\nCOMMIT;/ms.exec(schemaSql('NAME')) ?? [];
const first: Migration = { oldest: 1, statements: (schema) => tables.replaceAll('NAME', schema) };
const wider: Migration = { oldest: 1, statements: (schema) => `ALTER TABLE "${schema}".routes ADD COLUMN note text;` };
const narrower: Migration = { oldest: 2, statements: (schema) => `ALTER TABLE "${schema}".routes DROP COLUMN note;` };
const broken: Migration = { oldest: 1, statements: (schema) => `CREATE TABLE "${schema}".half (); SELECT 1/0;` };

describeEachPostgres('the schema in the database', (server) => {
  let postgres: Postgres;
  let connection: Connection;
  beforeAll(async () => {
    postgres = await startPostgres({ server });
    connection = await openConnection(postgres.url);
    return async () => {
      await connection.close();
      await postgres.stop();
    };
  });
  const versions = (schema: string) => postgres.query(`SELECT schema, oldest FROM "${schema}".meta`);

  test('is made once, by however many replicas that start together', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => openConnection(postgres.url)));
    await Promise.all([connection, ...others].map((one) => migrate(one, 'many')));
    expect(await versions('many')).toEqual([{ schema: SCHEMA_VERSION, oldest: 1 }]);
    await commit(connection.query, 'many', change({ '/a': 1 }));
    await migrate(connection, 'many');
    await requireSchema(connection.query, 'many');
    expect((await load(connection.query, 'many')).rows).toHaveLength(1);
  });

  test('is what the printed statements make, for a role that may not make one', async () => {
    await expect(requireSchema(connection.query, 'printed')).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      message: 'the schema printed of the database has no tables, and this release needs 1',
      hint: expect.stringContaining('signalbox schema'),
    });
    await postgres.query(schemaSql('printed'));
    await postgres.query('CREATE ROLE modest LOGIN');
    const modest = await openConnection(postgres.url.replace('postgres@', 'modest@'));
    await expect(migrate(modest, 'other')).rejects.toMatchObject({ cause: { code: '42501' } });
    await expect(migrate(modest, 'printed')).rejects.toMatchObject({ cause: { code: '42501' } });
    // What is said there as a comment.
    await postgres.query(
      schemaSql('printed')
        .match(/GRANT.*/g)
        ?.join('\n')
        .replaceAll('...', 'modest') ?? '',
    );
    await migrate(modest, 'printed');
    await requireSchema(modest.query, 'printed');
    await commit(modest.query, 'printed', change({ '/a': 1 }));
    // A schema that is there needs no right to make one.
    await postgres.query('CREATE SCHEMA given AUTHORIZATION modest');
    await migrate(modest, 'given');
    await modest.close();
  });

  test('grows with the table in it, and a release before goes on with it', async () => {
    await migrate(connection, 'grown', [first]);
    await commit(connection.query, 'grown', change({ '/a': 1 }));
    await expect(requireSchema(connection.query, 'grown', [first, wider])).rejects.toThrow(
      'has version 1, and this release needs 2',
    );
    await migrate(connection, 'grown', [first, wider]);
    expect(await versions('grown')).toEqual([{ schema: 2, oldest: 1 }]);
    expect((await load(connection.query, 'grown')).rows).toHaveLength(1);
    await migrate(connection, 'grown', [first]);
    expect(await versions('grown')).toEqual([{ schema: 2, oldest: 1 }]);
  });

  test('loses what an older release needs only when none of its replicas is left, and then refuses it', async () => {
    await migrate(connection, 'shrunk', [first, wider]);
    const replica = {
      id: '00000000-0000-4000-8000-000000000001',
      name: 'pod-1',
      version: '1',
      schemaVersion: 1,
      api: undefined,
    };
    await join(connection.query, 'shrunk', replica, { leaseMs: 60_000, leaveMs: 0 });
    const all = [first, wider, narrower];
    await expect(migrate(connection, 'shrunk', all)).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      message: 'replicas of an older release still use the database: pod-1',
      hint: expect.stringContaining('rolling update'),
    });
    expect(await versions('shrunk')).toEqual([{ schema: 2, oldest: 1 }]);
    await postgres.query('UPDATE shrunk.replicas SET lease_until = clock_timestamp()');
    await migrate(connection, 'shrunk', all);
    expect(await versions('shrunk')).toEqual([{ schema: 3, oldest: 2 }]);
    await migrate(connection, 'shrunk', [first, wider]);
    for (const refused of [
      migrate(connection, 'shrunk', [first]),
      requireSchema(connection.query, 'shrunk', [first]),
    ]) {
      await expect(refused).rejects.toMatchObject({
        code: 'STATE_UNUSABLE',
        message: expect.stringContaining('takes releases that know version 2'),
      });
    }
  });

  test('is left as it was when a step fails', async () => {
    await migrate(connection, 'broken', [first]);
    await expect(migrate(connection, 'broken', [first, broken])).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await versions('broken')).toEqual([{ schema: 1, oldest: 1 }]);
    expect(await postgres.query("SELECT to_regclass('broken.half') AS half")).toEqual([{ half: null }]);
  });
});
