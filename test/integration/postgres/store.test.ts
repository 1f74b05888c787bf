import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { Connection } from '../../../src/store/postgres/connection.ts';
import { Feed } from '../../../src/store/postgres/feed.ts';
import { migrate } from '../../../src/store/postgres/migrations.ts';
import { PostgresStore } from '../../../src/store/postgres/store.ts';
import { parseServers } from '../../../src/store/postgres/url.ts';
import { describeEachPostgres } from '../../support/postgres.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { Follower, storeContract, wish } from '../../unit/store/store-contract.ts';
import { useDatabase } from './database.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

function storeAt(url: string, schema: string): PostgresStore {
  const servers = parseServers(url, { place: 'the test', env: {} });
  const connection = new Connection({ servers, name: 'test', log, onUp: (session) => migrate(session, schema) });
  const feed = new Feed({ connection, schema, replica: randomUUID(), patienceMs: 2_000, log });
  return new PostgresStore({ connection, schema, feed, dir: makeTempDir(), log });
}

describeEachPostgres('the store of several replicas', (server) => {
  const database = useDatabase(server);
  let open: () => Promise<PostgresStore>;

  describe('is a store', () => {
    storeContract(
      async () => {
        const { postgres, schema } = await database.open();
        open = async () => storeAt(postgres.url, schema);
        return open();
      },
      () => open(),
    );
  });

  it('hands over what others have stored when it is asked, in one step what was put as a whole', async () => {
    const { postgres, schema } = await database.open();
    const [one, two] = [storeAt(postgres.url, schema), storeAt(postgres.url, schema)];
    const [mine, theirs] = [new Follower(), new Follower()];
    await one.open(mine);
    await two.open(theirs);
    await one.commit(wish({ '/a': 1_000, '/b': 1_000 }));
    await one.commit(wish({ '/a': null, '/c': 2_000 }));
    await two.fresh();
    expect(theirs.targets).toEqual(mine.targets);
    expect(theirs.batches.map(({ whole }) => whole)).toEqual([false]);
    await two.commit(wish({ '/d': 3_000 }, { clear: { prefix: '/' } }));
    await two.commit(wish({ '/e': 3_000 }));
    await one.fresh();
    expect(mine.targets).toEqual(theirs.targets);
    expect(mine.batches.at(-1)?.whole).toBe(true);
    expect(mine.table.generation).toBe(theirs.table.generation);

    // Seen in use by one, known to who asks the other.
    const now = Date.now();
    await one.touch([['/d', now]]);
    expect(theirs.times['/d']).toBe(3_000);
    await two.fresh('/d');
    expect(theirs.times['/d']).toBe(now);
    await one.close();
    await two.close();
  });

  it('refuses a key that is too long for it, and finds nothing to remove there', async () => {
    const { postgres, schema } = await database.open();
    const store = storeAt(postgres.url, schema);
    await store.open(new Follower());
    const long = `/${'x'.repeat(3_000)}`;
    expect(store.refuses(makeRoute(long, { target: 'http://h' }))).toMatchObject({ of: 'routespec' });
    expect(store.refuses(makeRoute('/a', { target: 'http://h' }))).toBeUndefined();
    expect(await store.commit(wish({ [long]: null }))).toMatchObject({ removed: [] });
    await store.close();
  });

  it('two that write at the same time have the same table in the end, and each knows what it did', async () => {
    const { postgres, schema } = await database.open();
    const stores = [storeAt(postgres.url, schema), storeAt(postgres.url, schema)];
    const sinks = stores.map(() => new Follower());
    await Promise.all(stores.map((store, index) => store.open(sinks[index] as Follower)));
    let exist = 0;
    await Promise.all(
      stores.map(async (store, index) => {
        for (let round = 0; round < 150; round++) {
          const key = `/user/u${(round * 7 + index) % 5}`;
          const { added, removed } = await store.commit(
            wish({ [key]: round % 3 === 0 ? null : round }, { version: round }),
          );
          exist += added.length - removed.length;
        }
      }),
    );
    for (const store of stores) await store.fresh();
    expect(sinks[1]?.targets).toEqual(sinks[0]?.targets);
    expect(sinks[0]?.table.size).toBe(exist);
    await Promise.all(stores.map((store) => store.close()));
  });
});
