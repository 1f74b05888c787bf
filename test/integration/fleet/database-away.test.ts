import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { describeAnyPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import { until } from '../../support/wait.ts';
import { fleetStatus, type Member, startFleet, type TestFleet, untilReady } from './scene.ts';

/** Longer than any lease, and than any statement may take. */
const AWAY_MS = 13_000;

describeAnyPostgres('replicas whose database is away', () => {
  let fleet: TestFleet;
  let target: string;
  beforeAll(async () => {
    fleet = await startFleet({ proxy: anyProxy() });
    target = (await startBackend()).url;
  }, 90_000);

  /** The reasons why a replica was not ready, each once, until told to end. */
  function watchReadiness(member: Member, end: AbortSignal): Promise<string[]> {
    const reasons = new Set<string>();
    return (async () => {
      while (!end.aborted) {
        const { ready, reason } = (await member.api('GET', '/readyz')).json<{ ready: boolean; reason: string }>();
        if (!ready) reasons.add(reason);
        await delay(20);
      }
      return [...reasons];
    })();
  }

  test.each(['kill', 'pause'] as const)('all stay ready, changes being under way (%s)', async (how) => {
    const end = new AbortController();
    const watched = fleet.members.map((member) => watchReadiness(member, end.signal));
    // Statements of all kinds are then on their way.
    const changing = fleet.members.map(async (member, index) => {
      for (let count = 0; !end.signal.aborted; count++) {
        const began = performance.now();
        const answer = await member.api('POST', `/api/routes/by/${index}/${count % 9}`, {
          target: `${target}/${count}`,
        });
        expect([201, 503]).toContain(answer.status);
        // The Hub gives up after 20 s, and would then not know.
        expect(performance.now() - began).toBeLessThan(15_000);
        if (answer.status === 503) await delay(100);
      }
    });
    await until(async () => (await fleetStatus(fleet.members[0] as Member)).lease, { what: 'a lease' });
    if (how === 'kill') await fleet.postgres.kill();
    else fleet.postgres.pause();
    await delay(AWAY_MS);
    end.abort();
    expect(await Promise.all(watched)).toEqual([[], [], []]);

    if (how === 'kill') await fleet.postgres.start();
    else fleet.postgres.resume();
    await Promise.all(changing);
    for (const member of fleet.members) {
      await until(async () => (await fleetStatus(member)).lease, { what: 'the lease to be back', timeout: 20_000 });
      await untilReady(member);
    }
  });

  test('one that is cut off alone is not ready before the others stop waiting for it', async () => {
    const [one, other] = fleet.members as [Member, Member];
    const cut = performance.now();
    one.cable.cut();
    await untilReady(one, false);
    // Its lease, one heartbeat, and the time to ask; balancers have what is left of lease and leave time.
    expect(performance.now() - cut).toBeLessThan(5_000);
    expect((await one.api('GET', '/readyz')).json()).toMatchObject({
      reason: expect.stringMatching(/^cut off from the database/),
    });
    expect((await other.api('GET', '/readyz')).status).toBe(200);
    one.cable.restore();
    await untilReady(one);
  });

  test('one that was ended in good order and starts meanwhile serves the table as it was then', async () => {
    const [one, other] = fleet.members as [Member, Member];
    await other.add('/just/before', target);
    await one.stop();
    await fleet.postgres.kill();
    await one.restart();
    expect((await one.get('/just/before/')).status).toBe(200);
    expect((await one.api('GET', '/api/routes')).status).toBe(503);
    await fleet.postgres.start();
    await until(async () => (await fleetStatus(one)).lease, { what: 'it to join', timeout: 20_000 });
    expect((await one.api('GET', '/api/routes')).status).toBe(200);
  });
});
