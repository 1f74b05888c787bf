import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts';
import { describeAnyPostgres, startPostgres } from '../../support/postgres.ts';
import { isAlive } from '../../support/process-tree.ts';
import { anyProxy, describeEachProxyOnce } from '../../support/proxies.ts';
import { until } from '../../support/wait.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';
import { Observer } from './observer.ts';
import { fleetStatus, type Member, startFleet, tableOf, untilReady } from './scene.ts';
import { amidTraffic, expectAlike, untilAnswered } from './traffic.ts';

/** How long a change takes, ms. */
async function timeOf(observer: Observer, member: Member, key: string): Promise<number> {
  const began = performance.now();
  expect(await observer.set(member, key, observer.target(0))).toBe(201);
  return performance.now() - began;
}

describeAnyPostgres('a replica', () => {
  describeEachProxyOnce('of', (proxy) => {
    test('that joins, leaves and starts again amid changes serves what is answered, from its first moment as ready', async () => {
      const fleet = await startFleet({ proxy, count: 2 });
      const observer = await Observer.start();
      await amidTraffic(observer, fleet.members, async () => {
        await untilAnswered(observer, 30);
        const third = await fleet.join();
        await untilAnswered(observer, 30);
        expect((await third.stop()).code).toBe(0);
        await untilAnswered(observer, 30);
        await third.restart();
        await untilAnswered(observer, 30);
      });
      await expectAlike(observer, fleet.members);
    }, 120_000);

    test('that is killed is waited for until its lease has ended, once; its proxy serves on, and it comes back right', {
      ...WALL_CLOCK,
      timeout: 120_000,
    }, async () => {
      const { members } = await startFleet({ proxy });
      const observer = await Observer.start();
      const [first, second, third] = members as [Member, Member, Member];
      await timeOf(observer, first, '/user/u0');
      third.kill('SIGKILL');
      await until(() => third.exit(), { what: 'its end' });
      // 3 s of lease, and 1 s that a crash of the database could have taken.
      expect(await timeOf(observer, first, '/user/u1')).toBeLessThan(6_000);
      expect(await timeOf(observer, second, '/user/u2')).toBeLessThan(2_000);
      const proxyPid = third.proxyPid() as number;
      expect(isAlive(proxyPid)).toBe(true);
      expect((await third.get('/user/u0/')).status).toBe(200);
      await third.restart();
      expect(await tableOf(third)).toMatchObject({ '/user/u1': observer.target(0), '/user/u2': observer.target(0) });
      await expectAlike(observer, members);
    });
  });

  test('that is paused is waited for, then left out, and is not ready until it serves everything', async () => {
    const { members } = await startFleet({ proxy: anyProxy() });
    const observer = await Observer.start();
    const [first, second, third] = members as [Member, Member, Member];
    third.kill('SIGSTOP');
    try {
      await observer.set(first, '/user/u0', observer.target(0));
      for (let index = 0; index < 30; index++)
        await observer.set(second, `/user/u${index % 6}`, observer.target(index));
    } finally {
      third.kill('SIGCONT');
    }
    // Whatever it answers first: when it says that it is ready, its proxy serves what the others have answered.
    await until(
      async () => {
        for (const key of ['/user/u0', '/user/u5']) await observer.visit(third, key);
        await observer.read(third);
        return (await third.api('GET', '/readyz')).status === 200;
      },
      { what: 'it to be ready', timeout: 20_000, interval: 1 },
    );
    await expectAlike(observer, members);
  }, 120_000);

  test('that is cut off from the database is not ready, as the others reach it; all of them cut off, they all serve on', async () => {
    const { members } = await startFleet({ proxy: anyProxy() });
    const observer = await Observer.start();
    const [first, , third] = members as [Member, Member, Member];
    await observer.set(first, '/user/u0', observer.target(0));
    third.cable.cut();
    await untilReady(third, false);
    await until(async () => /cut off .* reaches/.test((await third.api('GET', '/readyz')).text()), {
      what: 'the reason to be said',
    });
    expect(await observer.set(third, '/user/u1', observer.target(1))).toBe(503);
    expect((await third.get('/user/u0/')).status).toBe(200);
    expect(await observer.set(first, '/user/u0', observer.target(1))).toBe(201);
    third.cable.restore();
    await untilReady(third);
    expect((await third.get('/user/u0/')).json()).toMatchObject({ backend: observer.backends[1]?.name });

    for (const { cable } of members) cable.cut();
    for (const member of members) {
      await until(async () => !(await fleetStatus(member)).lease, { what: 'the lease to end', timeout: 20_000 });
      await untilReady(member);
      expect((await member.get('/user/u0/')).json()).toMatchObject({ backend: observer.backends[1]?.name });
    }
    for (const { cable } of members) cable.restore();
    await until(async () => (await observer.set(first, '/user/u2', observer.target(2))) === 201, {
      what: 'changes to be taken again',
      timeout: 20_000,
    });
    await expectAlike(observer, members);
  }, 120_000);

  test('that has left the fleet in good order is not waited for', async () => {
    const { members } = await startFleet({ proxy: anyProxy() });
    const observer = await Observer.start();
    const [first, second] = members as [Member, Member];
    await second.stop();
    expect(await timeOf(observer, first, '/user/u0')).toBeLessThan(2_500);
    expect((await fleetStatus(first)).replicas).toHaveLength(2);
  }, 60_000);

  test('about to end is not ready, and serves and takes changes for as long as balancers need to notice', async () => {
    const { members } = await startFleet({ proxy: anyProxy(), count: 2, args: ['--leave-time', '3s'] });
    const observer = await Observer.start();
    const [first, second] = members as [Member, Member];
    await observer.set(first, '/user/u0', observer.target(0));
    second.kill('SIGTERM');
    await untilReady(second, false);
    expect((await second.get('/user/u0/')).status).toBe(200);
    expect(await observer.set(second, '/user/u1', observer.target(1))).toBe(201);
    expect(await observer.set(first, '/user/u0', observer.target(2))).toBe(201);
    expect((await second.get('/user/u0/')).json()).toMatchObject({ backend: observer.backends[2]?.name });
    await until(() => second.exit(), { what: 'its end', timeout: 20_000 });
    expect(second.exit()).toMatchObject({ code: 0 });
  }, 60_000);

  test('that starts without the database serves the copy of its table, and never an empty one', async () => {
    const { postgres, members, join: joinFleet } = await startFleet({ proxy: anyProxy(), count: 1 });
    const observer = await Observer.start();
    const [only] = members as [Member];
    await observer.set(only, '/user/u0', observer.target(0));
    await only.stop();
    await only.restart();
    await until(async () => (await fleetStatus(only)).lease, { what: 'it to take part' });
    await only.stop();
    await postgres.stop();
    // How far logs were read is kept in a file that a power cut may break.
    writeFileSync(join(only.stateDir, 'cursors.db'), 'no database'.repeat(1_000));
    await only.restart();
    expect((await only.get('/user/u0/')).json()).toMatchObject({ backend: observer.backends[0]?.name });
    expect((await only.api('GET', '/api/routes')).status).toBe(503);
    // One that has no copy knows nothing.
    const stranger = await joinFleet({ whenReady: false });
    expect((await stranger.api('GET', '/readyz')).json()).toMatchObject({ ready: false });
    await postgres.start();
    await untilReady(stranger);
    await expectAlike(observer, members);
  }, 90_000);

  test('behind a pooler that keeps no session has the same table, asks instead of hearing, and says so', async ({
    skip,
  }) => {
    if (missingPgBouncer) return skip(missingPgBouncer);
    const postgres = await startPostgres();
    const bouncer = await startPgBouncer(postgres);
    const { members } = await startFleet({ proxy: anyProxy(), postgres, port: bouncer.port });
    const observer = await Observer.start();
    await amidTraffic(observer, members, () => untilAnswered(observer, 60));
    await expectAlike(observer, members);
    for (const member of members) {
      await until(async () => !(await fleetStatus(member)).listening, { what: 'it to be known' });
      expect(member.logs()).toMatch(/database-listen takes its URL without the pooler/);
    }
  }, 120_000);

  test('that answers for itself does not wait for the others, which follow', async () => {
    const { members } = await startFleet({ proxy: anyProxy(), count: 2, args: ['--ack', 'own'] });
    const observer = await Observer.start();
    const [first, second] = members as [Member, Member];
    second.kill('SIGSTOP');
    try {
      expect(await timeOf(observer, first, '/user/u0')).toBeLessThan(2_000);
    } finally {
      second.kill('SIGCONT');
    }
    await until(async () => (await second.get('/user/u0/')).status === 200, { what: 'the other to follow' });
  }, 60_000);
});
