import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { describeAnyPostgres } from '../../support/postgres.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import { until } from '../../support/wait.ts';
import { fleetStatus, generationOf, startFleet, type TestFleet, tableOf } from './scene.ts';

describeAnyPostgres('replicas that share a table', () => {
  describeEachProxyOnce('of', (proxy) => {
    let fleet: TestFleet;
    beforeAll(async () => {
      fleet = await startFleet({ proxy });
    }, 90_000);

    test('a change through one is served by all when it is answered, and read through all', async () => {
      const backends = [await startBackend(), await startBackend()];
      for (let round = 0; round < 9; round++) {
        const [by, other] = [fleet.members[round % 3], fleet.members[(round + 1) % 3]];
        const backend = backends[round % 2];
        const key = `/user/u${round % 2}`;
        await by?.add(key, backend?.url as string);
        for (const member of fleet.members) {
          expect((await member.get(`${key}/`)).json()).toMatchObject({ backend: backend?.name });
          expect(await tableOf(member)).toMatchObject({ [key]: backend?.url });
        }
        if (round % 3 === 2) {
          await other?.remove(key);
          for (const member of fleet.members) {
            expect((await member.get(`${key}/`)).status).toBe(404);
            expect(await tableOf(member)).not.toHaveProperty(key);
          }
        }
      }
    });

    test('each says who the others are, and what they serve', async () => {
      const generation = await generationOf(fleet.members[0] as never);
      for (const member of fleet.members) {
        await until(
          async () => {
            const { replicas, lease, listening, problem, staleSeconds } = await fleetStatus(member);
            expect(replicas.map(({ state, served }) => [state, served])).toEqual(
              Array(3).fill(['serving', generation]),
            );
            expect(new Set(replicas.map(({ api }) => api))).toEqual(new Set(fleet.members.map(({ apiUrl }) => apiUrl)));
            expect(replicas.filter(({ self }) => self)).toMatchObject([{ api: member.apiUrl }]);
            expect({ lease, listening, problem, staleSeconds }).toEqual({
              lease: true,
              listening: true,
              problem: null,
              staleSeconds: 0,
            });
            return true;
          },
          { what: 'the list of replicas' },
        );
      }
    });
  });
});
