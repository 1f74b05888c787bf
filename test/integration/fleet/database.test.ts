import { expect, test } from 'vitest';
import { runs } from '../../support/chance.ts';
import { describeAnyPostgres, type Postgres, startPostgres } from '../../support/postgres.ts';
import { anyProxy, describeEachProxyOnce } from '../../support/proxies.ts';
import { until } from '../../support/wait.ts';
import { Observer } from './observer.ts';
import { fleetStatus, type Member, startFleet, tableOf } from './scene.ts';
import { amidTraffic, expectAlike, KEYS, untilAnswered } from './traffic.ts';

describeAnyPostgres('the database of a fleet', () => {
  describeEachProxyOnce('of', (proxy) => {
    const count = proxy.driver === 'nginx' ? 3 : 2;

    test('is killed amid changes again and again: nothing answered is lost, and users are served meanwhile', async () => {
      const { postgres, members } = await startFleet({ proxy, count });
      const observer = await Observer.start();
      await amidTraffic(observer, members, async () => {
        for (let time = 0; time < runs(12).numRuns; time++) {
          await untilAnswered(observer, 30);
          await postgres.kill();
          // Nobody is cut off from what no one reaches.
          for (const member of members) {
            await observer.visit(member, KEYS[time] as string);
            expect((await member.api('GET', '/api/routes')).status).toBe(200);
          }
          await postgres.start();
        }
        await untilAnswered(observer, 30);
      });
      await expectAlike(observer, members);
      expect(observer.refused.STORE_FAILED).toBeGreaterThan(0);
    }, 180_000);

    test('is away for longer: routes are served, all replicas stay ready, changes are refused at once', async () => {
      const { postgres, members } = await startFleet({ proxy, count });
      const observer = await Observer.start();
      await observer.set(members[0] as Member, '/user/u0', observer.target(0));
      await postgres.stop();
      for (const member of members) {
        await until(async () => (await fleetStatus(member)).staleSeconds > 4, {
          what: 'the lease to end',
          timeout: 20_000,
        });
        expect((await member.api('GET', '/readyz')).json()).toMatchObject({ ready: true, lease: false });
        expect((await member.get('/user/u0/')).json()).toMatchObject({ backend: observer.backends[0]?.name });
        const read = await member.api('GET', '/api/routes');
        expect(read.json()).toMatchObject({ '/user/u0': { target: observer.target(0) } });
        expect(Number(read.header('signalbox-stale'))).toBeGreaterThanOrEqual(4);
        const change = await member.api('POST', '/api/routes/user/u1', { target: observer.target(1) });
        expect([change.status, change.header('connection'), change.json()]).toEqual([
          503,
          'close',
          expect.objectContaining({ code: 'STORE_FAILED' }),
        ]);
      }
      await postgres.start();
      await until(async () => (await observer.set(members[1] as Member, '/user/u1', observer.target(1))) === 201, {
        what: 'changes to be taken again',
      });
      await expectAlike(observer, members);
    }, 120_000);
  });

  const nginx = anyProxy();

  test('is back while replicas still try to reach it: a change waits for them', async () => {
    const { postgres, members } = await startFleet({ proxy: nginx });
    const observer = await Observer.start();
    const [first, ...late] = members as [Member, ...Member[]];
    await postgres.stop();
    for (const member of members) {
      await until(async () => (await fleetStatus(member)).staleSeconds > 3, {
        what: 'the lease to end',
        timeout: 20_000,
      });
    }
    for (const { cable } of late) cable.cut();
    await postgres.start();
    const answered = until(async () => (await observer.set(first, '/user/u0', observer.target(0))) === 201, {
      what: 'a change to be answered',
      timeout: 30_000,
    });
    await until(async () => (await fleetStatus(first)).problem === null, { what: 'the first to be connected' });
    for (const { cable } of late) cable.restore();
    await answered;
    await expectAlike(observer, members);
  }, 120_000);

  test('fails over to a synchronous standby: nothing answered is lost', async () => {
    const { fleet, primary, standby } = await withStandby({ synchronous_standby_names: "'standby'" });
    const observer = await Observer.start();
    await amidTraffic(observer, fleet.members, async () => {
      await untilAnswered(observer, 60);
      await primary.kill();
      await standby.promote();
      await standby.query("ALTER SYSTEM SET synchronous_standby_names = ''");
      await standby.query('SELECT pg_reload_conf()');
      await untilAnswered(observer, 60);
    });
    await expectAlike(observer, fleet.members);
  }, 120_000);

  test('fails over to a standby that was behind: all follow the table that is left, and the log says what went back', async () => {
    const { fleet, primary, standby } = await withStandby({});
    const observer = await Observer.start();
    const [first, second] = fleet.members as [Member, Member];
    await observer.set(first, '/user/u0', observer.target(0));
    await until(async () => (await standby.query('SELECT FROM signalbox.routes')).length === 1, {
      what: 'the standby',
    });
    const [sender] = await primary.query<{ pid: number }>('SELECT pid FROM pg_stat_replication');
    process.kill(sender?.pid as number, 'SIGSTOP');
    for (const key of KEYS.slice(1, 6)) await observer.set(first, key, observer.target(1));
    await observer.remove(second, '/user/u0');
    await primary.kill();
    await standby.promote();
    await until(
      async () => (await second.api('POST', '/api/routes/user/u9', { target: observer.target(2) })).status === 201,
      {
        what: 'changes to be taken again',
        timeout: 30_000,
      },
    );
    const tables = await Promise.all(fleet.members.map(tableOf));
    for (const table of tables) expect(table).toEqual(tables[0]);
    expect(tables[0]).toMatchObject({ '/user/u9': observer.target(2) });
    for (const member of fleet.members) {
      for (const [key, target] of Object.entries(tables[0] ?? {})) {
        const { backend } = (await member.get(`${key}/`)).json<{ backend: string }>();
        expect(observer.backends.find(({ name }) => name === backend)?.url).toBe(target);
      }
    }
  }, 120_000);

  async function withStandby(settings: Record<string, string>) {
    const primary = await startPostgres({ settings });
    const standby = await primary.standby();
    const hosts = [primary, standby].map(({ port }: Postgres) => `127.0.0.1:${port}`).join(',');
    const url = `postgres://postgres@${hosts}/postgres`;
    const fleet = await startFleet({ proxy: nginx, count: 2, postgres: primary, env: { SIGNALBOX_DATABASE: url } });
    return { fleet, primary, standby };
  }
});
