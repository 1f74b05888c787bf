import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import {
  ack,
  heartbeat,
  isAwaited,
  join,
  leave,
  peers,
  type Replica,
  serving,
} from '../../../src/store/postgres/replicas.ts';
import { acksChannel, commit, head } from '../../../src/store/postgres/statements.ts';
import { describeEachPostgres } from '../../support/postgres.ts';
import { change, type Database, openConnection, useDatabase } from './database.ts';

const LEASES = { leaseMs: 3_000, leaveMs: 5_000 };

describeEachPostgres('replicas in the database', (server) => {
  const { open } = useDatabase(server);
  let { connection, schema, postgres } = {} as Database;
  beforeEach(async () => {
    ({ connection, schema, postgres } = await open());
  });

  async function joined(name: string, more: Partial<Replica> = {}): Promise<Replica> {
    const replica = {
      id: randomUUID(),
      name,
      version: '1.2.3',
      schemaVersion: 1,
      api: 'http://10.0.0.1:8001',
      ...more,
    };
    await join(connection.query, schema, replica, LEASES);
    return replica;
  }
  const beat = (id: string, served = 0) => heartbeat(connection.query, schema, { id, served }, LEASES);
  const awaited = async () =>
    (await peers(connection.query, schema)).filter((peer) => isAwaited(peer, LEASES)).map(({ name }) => name);
  /** As if the last sign of life was so long ago. */
  const age = (seconds: number, name = '%') =>
    postgres.query(
      `UPDATE "${schema}".replicas SET renewed_at = renewed_at - $1::int * interval '1 s', lease_until = lease_until - $1::int * interval '1 s'
       WHERE name LIKE $2`,
      [seconds, name],
    );

  test('are waited for from when they serve until they leave', async () => {
    const one = await joined('one');
    const two = await joined('two', { api: undefined });
    expect(await awaited()).toEqual([]);
    expect(await serving(connection.query, schema, one.id)).toBe(true);
    expect(await awaited()).toEqual(['one']);
    expect(await peers(connection.query, schema)).toEqual([
      { ...one, state: 'serving', served: 0, leaseMs: expect.any(Number) },
      { ...two, state: 'joining', served: 0, leaseMs: expect.any(Number) },
    ]);
    await leave(connection.query, schema, one.id);
    expect(await awaited()).toEqual([]);
    expect(await serving(connection.query, schema, one.id)).toBe(false);
  });

  test('one that starts again takes the place of what it was', async () => {
    const before = await joined('pod');
    await serving(connection.query, schema, before.id);
    const after = await joined('pod');
    expect((await peers(connection.query, schema)).map(({ id }) => id)).toEqual([after.id]);
    expect(await beat(before.id)).toBeUndefined();
    // Joining twice is joining.
    await serving(connection.query, schema, after.id);
    await join(connection.query, schema, after, LEASES);
    expect(await peers(connection.query, schema)).toMatchObject([{ id: after.id, state: 'joining', served: 0 }]);
  });

  test('hear with each sign of life what is newest, and whether they would hear of it', async () => {
    const { id } = await joined('one');
    const first = await beat(id);
    expect(first).toEqual({
      ...(await head(connection.query, schema)),
      ...{ state: 'joining', counted: true, listening: false },
    });
    await connection.query(`LISTEN "${schema}"`, [], 1_000);
    await serving(connection.query, schema, id);
    const { generation } = await commit(connection.query, schema, change({ '/a': 1 }));
    expect(await beat(id, generation)).toMatchObject({ generation, state: 'serving', listening: true });
    expect(await peers(connection.query, schema)).toMatchObject([{ served: generation }]);
    expect(await beat(randomUUID())).toBeUndefined();
  });

  test('are no longer waited for some time after their last sign of life, and again after the next', async () => {
    const [one, two] = [await joined('one'), await joined('two')];
    for (const { id } of [one, two]) await serving(connection.query, schema, id);
    await age(7, 'two');
    await beat(one.id);
    expect(await awaited()).toEqual(['one', 'two']);
    expect(await beat(two.id)).toMatchObject({ counted: true });
    // A crash of the database may have taken a second of signs of life.
    await age(8, 'two');
    expect(await awaited()).toEqual(['one', 'two']);
    await age(2, 'two');
    expect(await awaited()).toEqual(['one']);
    // Changes were answered meanwhile, which it may not serve.
    expect(await beat(two.id)).toMatchObject({ counted: false });
    expect(await beat(two.id)).toMatchObject({ counted: true });
    expect(await awaited()).toEqual(['one', 'two']);
    const [peer] = await peers(connection.query, schema);
    expect(peer?.leaseMs).toBeGreaterThan(2_000);
    expect(peer?.leaseMs).toBeLessThanOrEqual(3_000);
  });

  test('after the database was away, the first to come back has the others waited for; those that were dead before are not', async () => {
    const replicas = [await joined('dead'), await joined('one'), await joined('two')];
    for (const { id } of replicas) await serving(connection.query, schema, id);
    await age(60, 'dead');
    await age(3_000);
    expect(await awaited()).toEqual([]);
    // No change was answered meanwhile.
    expect(await beat(replicas[1]?.id ?? '')).toMatchObject({ counted: true });
    expect(await awaited()).toEqual(['one', 'two']);
    expect(await beat(replicas[2]?.id ?? '')).toMatchObject({ counted: true });
    expect(await beat(replicas[0]?.id ?? '')).toMatchObject({ counted: false });
  });

  test('many that come back at once do not wait for each other', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `replica-${index}`);
    const replicas = await Promise.all(names.map((name) => joined(name)));
    for (const { id } of replicas) await serving(connection.query, schema, id);
    const connections = await Promise.all(names.map(() => openConnection(postgres.url)));
    for (let round = 0; round < 20; round++) {
      await age(3_000);
      const beats = replicas.map(({ id }, index) =>
        heartbeat(connections[index]?.query ?? connection.query, schema, { id, served: 0 }, LEASES),
      );
      expect((await Promise.all(beats)).every((found) => found?.state === 'serving')).toBe(true);
    }
    expect(await awaited()).toEqual(names);
  });

  test('tell whoever changed something that it is served, and nobody else', async () => {
    const [one, two, three] = [await joined('one'), await joined('two'), await joined('three')];
    const heard: string[] = [];
    const listeners = await Promise.all(
      [one, two, three].map(({ id, name }) =>
        openConnection(postgres.url, {
          onUp: async ({ query }) => void (await query(`LISTEN "${acksChannel(schema, id)}"`, [], 1_000)),
          onNotification: (_, payload) => heard.push(`${name} hears ${payload}`),
        }),
      ),
    );
    const by = async (replica: string) => (await commit(connection.query, schema, change({}, { replica }))).generation;
    const from = await by(three.id);
    const generations = [await by(one.id), await by(one.id), await by(two.id)];
    const served = generations[2] ?? 0;
    await by(three.id);
    expect(await ack(connection.query, schema, { id: two.id, from, served }, LEASES)).toBe(true);
    for (const listener of listeners) await listener.query('SELECT 1', [], 1_000);
    expect(heard).toEqual([`one hears a ${two.id} ${served}`]);
    const found = await peers(connection.query, schema);
    expect(found.find(({ name }) => name === 'two')).toMatchObject({ served });
    expect(await ack(connection.query, schema, { id: randomUUID(), from, served }, LEASES)).toBe(false);
  });

  test('do not wait for the disk with a sign of life, and leave the session as it was', async () => {
    const { id } = await joined('one');
    // A look at what holds while the row is written.
    await postgres.query(
      `CREATE TABLE "${schema}".seen (setting text);
       CREATE FUNCTION "${schema}".see() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO "${schema}".seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
       CREATE TRIGGER see BEFORE UPDATE ON "${schema}".replicas FOR EACH ROW EXECUTE FUNCTION "${schema}".see()`,
    );
    await beat(id);
    await ack(connection.query, schema, { id, from: 0, served: 1 }, LEASES);
    expect(await postgres.query(`SELECT setting FROM "${schema}".seen`)).toEqual([
      { setting: 'off' },
      { setting: 'off' },
    ]);
    expect(await connection.query("SELECT current_setting('synchronous_commit') AS setting", [], 1_000)).toEqual([
      { setting: 'on' },
    ]);
  });
});
