import { beforeEach, expect, test } from 'vitest';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { OutcomeUnknown, sqlState } from '../../../src/store/postgres/failures.ts';
import { prune } from '../../../src/store/postgres/prune.ts';
import {
  type Committed,
  commit,
  type Effect,
  load,
  replace,
  settle,
  since,
} from '../../../src/store/postgres/statements.ts';
import { touch } from '../../../src/store/postgres/times.ts';
import { startForwarder } from '../../support/forwarder.ts';
import { missingPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts';
import { describeEachPostgres } from '../../support/postgres.ts';
import { testIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { change, type Database, openConnection, useDatabase } from './database.ts';

/** A change as whoever made it knows of it. */
interface Done extends Committed {
  readonly put: ReadonlyMap<string, string | undefined>;
  readonly stamp: string;
  readonly whole: boolean;
}

describeEachPostgres('writers that contend', (server) => {
  const { open } = useDatabase(server);
  let { connection, schema, postgres } = {} as Database;
  beforeEach(async () => {
    ({ connection, schema, postgres } = await open());
  });

  /** Plays the changes one after the other, in the order of their generations: what was said of each has to be true then. */
  function play(changes: readonly Done[], first: string): Map<string, string> {
    const table = new Map<string, string>();
    let stamp = first;
    for (const { put, did, previous, whole, stamp: own } of changes.toSorted((a, b) => a.generation - b.generation)) {
      expect(previous).toBe(stamp);
      stamp = own;
      const effects = new Map<string, Effect>();
      if (whole) for (const key of [...table.keys()].filter((key) => !put.has(key))) remove(key);
      for (const [key, data] of put) {
        if (data === undefined) remove(key);
        else {
          if (table.get(key) !== data) effects.set(key, table.has(key) ? 'changed' : 'added');
          table.set(key, data);
        }
      }
      expect(did).toEqual(effects);
      function remove(key: string) {
        if (table.delete(key)) effects.set(key, 'removed');
      }
    }
    return table;
  }

  const tableNow = async () => {
    const { rows } = await load(connection.query, schema);
    return new Map(rows.flatMap(({ key, entry }) => (entry ? [[key, entry.route.data] as const] : [])));
  };

  /** Three writers with a thousand changes of few keys each, some replace all; a reader follows. */
  async function contend(url: string) {
    const start = await load(connection.query, schema);
    const done: Done[] = [];
    let writing = true;
    const write = async (writer: number) => {
      const own = await openConnection(url);
      let seed = writer * 7_919 + 1;
      const dice = (sides: number) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return Math.floor((seed / 2 ** 31) * sides);
      };
      for (let round = 0; round < 1_000; round++) {
        const keys = Array.from(
          { length: 1 + dice(3) },
          () => [`/user/${dice(12)}`, dice(3) ? dice(4) : undefined] as const,
        );
        const whole = dice(100) === 0;
        const wanted = change(Object.fromEntries(keys), { replica: `writer-${writer}` });
        const committed = await (whole ? replace(own, schema, WHOLE_TABLE, wanted) : commit(own.query, schema, wanted));
        const put = new Map([...wanted.put].map(([key, one]) => [key, one?.data]));
        done.push({ ...committed, put, whole, stamp: wanted.stamp });
        if (dice(50) === 0)
          await touch(
            own.query,
            schema,
            [...wanted.put.keys()].map((key) => [key, Date.now()] as const),
          );
        if (dice(200) === 0) await prune(own.query, schema, { keepS: 3_600 });
      }
      await own.close();
    };
    const read = async () => {
      const table = new Map<string, string>();
      let mine = { generation: start.generation, stamp: start.stamp };
      for (let last = false; !last; ) {
        last = !writing;
        const found = await since(connection.query, schema, mine);
        expect(found.continues).toBe(true);
        expect(found.generation).toBeGreaterThanOrEqual(mine.generation);
        for (const { key, entry } of found.rows) {
          if (entry) table.set(key, entry.route.data);
          else table.delete(key);
        }
        mine = { generation: found.generation, stamp: found.stamp };
      }
      return table;
    };
    const reading = read();
    await Promise.all([0, 1, 2].map(write)).finally(() => {
      writing = false;
    });
    expect(done).toHaveLength(3_000);
    expect(new Set(done.map(({ generation }) => generation)).size).toBe(3_000);
    const table = play(done, start.stamp);
    expect(await tableNow()).toEqual(table);
    expect(await reading).toEqual(table);
  }

  test(
    'lose nothing, are numbered in their order, and each is told exactly what it did',
    () => contend(postgres.url),
    120_000,
  );

  testIf(!missingPgBouncer, missingPgBouncer)('nor do they through PgBouncer in transaction mode', async () => {
    const pooler = await startPgBouncer(postgres);
    await contend(pooler.url);
    await pooler.stop();
  });

  test('a key is told to have been added to one of those who add it, and to have been removed to one of those who remove it', async () => {
    const connections = await Promise.all(Array.from({ length: 6 }, () => openConnection(postgres.url)));
    const all = (version: number | undefined) =>
      Promise.all(connections.map((one) => commit(one.query, schema, change({ '/a': version }))));
    for (let round = 0; round < 30; round++) {
      const effects = (results: readonly Committed[]) => results.flatMap(({ did }) => [...did.values()]);
      expect(effects(await all(1))).toEqual(['added']);
      expect(effects(await all(undefined))).toEqual(['removed']);
    }
  });

  test('whoever is paused in the middle of a PUT holds the others up for 2 s, and is told that it came to nothing', async () => {
    const paused = await openConnection(postgres.url);
    let resume = () => {};
    const wait = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const failed = paused
      .transaction(async (query) => {
        await query(`UPDATE "${schema}".meta SET generation = generation + 1`, [], 10_000);
        await wait;
        return query('SELECT 1', [], 10_000);
      })
      .catch((error) => error);
    const locked = `SELECT FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%${schema}%'`;
    await until(async () => (await postgres.query(locked)).length > 0, { what: 'the pause' });
    const before = performance.now();
    await commit(connection.query, schema, change({ '/a': 1 }));
    expect(performance.now() - before).toBeLessThan(4_000);
    resume();
    expect(await failed).toMatchObject({ code: 'STORE_FAILED' });
    await paused.close();
  });

  test('a change that was stuck in a dead cable is stored late, unless somebody has settled it', async () => {
    for (const settles of [false, true]) {
      const forwarder = await startForwarder(postgres.port);
      const stuck = await openConnection(postgres.url.replace(`:${postgres.port}`, `:${forwarder.port}`));
      const late = change({ [`/late/${settles}`]: 1 });
      forwarder.cut();
      const query: typeof stuck.query = (text, values) => stuck.query(text, values, 100);
      await expect(commit(query, schema, late)).rejects.toBeInstanceOf(OutcomeUnknown);
      if (settles) expect(await settle(connection.query, schema, late)).toBeUndefined();
      const log = postgres.output().length;
      forwarder.restore();
      if (settles) {
        const message = /duplicate key value violates unique constraint "generations_stamp_key"/;
        await until(() => message.test(postgres.output().slice(log)), { what: 'the late change to be refused' });
      } else {
        await until(async () => (await tableNow()).has('/late/false'), { what: 'the late change' });
      }
      await stuck.close();
    }
    expect([...(await tableNow()).keys()]).toEqual(['/late/false']);
  });

  test('what was answered survives a kill -9 of the database, and of each other change it is found out whether it was stored', async () => {
    const answered = new Map<string, number>();
    let unknown = 0;
    let killing = true;
    const write = async (writer: number) => {
      const own = await openConnection(postgres.url);
      for (let round = 0; killing; round++) {
        const key = `/${writer}/${round}`;
        const wanted = change({ [key]: round });
        let generation: number | undefined;
        try {
          ({ generation } = await commit(own.query, schema, wanted));
        } catch (error) {
          const isUnknown = error instanceof OutcomeUnknown;
          if (isUnknown) unknown++;
          // That may be cut off as well, and be asked again.
          const settled = async () => ({ generation: isUnknown ? await settle(own.query, schema, wanted) : undefined });
          await until(() => own.isUp, { what: 'the database to come back' });
          ({ generation } = await until(settled, { what: 'an answer' }));
        }
        if (generation !== undefined) answered.set(key, generation);
      }
      await own.close();
    };
    const writers = Promise.all([0, 1, 2].map(write));
    for (let kill = 0; kill < 3; kill++) {
      const enough = answered.size + 50;
      await until(() => answered.size > enough, { what: 'changes' });
      await postgres.kill();
      await postgres.start();
    }
    killing = false;
    await writers;
    await until(() => connection.isUp, { what: 'the connection' });
    const { rows } = await load(connection.query, schema);
    expect(new Map(rows.map(({ key, created }) => [key, created]))).toEqual(answered);
    expect(unknown).toBeGreaterThan(0);
  });

  test("statements that got into each other's way are run again", async () => {
    const others = await Promise.all([openConnection(postgres.url), openConnection(postgres.url)]);
    const keys = Array.from({ length: 500 }, (_, index) => `/user/${index}`);
    const all = (order: readonly string[]) =>
      change(Object.fromEntries(order.map((key) => [key, 1])), { lastActivity: Date.now() });
    await commit(connection.query, schema, all(keys));
    const backwards = keys.toReversed();
    await Promise.all([
      ...Array.from({ length: 10 }, () => commit(connection.query, schema, all(backwards))),
      ...others.flatMap(({ query }) =>
        Array.from({ length: 10 }, (_, n) =>
          touch(
            query,
            schema,
            keys.map((key) => [key, n] as const),
          ),
        ),
      ),
    ]);
    let tries = 0;
    const query: typeof connection.query = (text, values, deadlineMs) => {
      if (++tries > 2) return connection.query(text, values, deadlineMs);
      return connection.query(
        "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40P01'; END $$",
        [],
        deadlineMs,
      );
    };
    await commit(query, schema, all(keys));
    expect(tries).toBe(3);
    tries = Number.NEGATIVE_INFINITY;
    expect(sqlState(await commit(query, schema, all(keys)).catch((error) => error))).toBe('40P01');
  });
});
