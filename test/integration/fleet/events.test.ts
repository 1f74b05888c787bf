import { expect, test } from 'vitest';
import type { Events } from '../../../src/api/traffic/schemas.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { describeAnyPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { startFleet } from './scene.ts';

/** Whom a replica takes for the sender of each route. */
async function senders(replica: Signalbox): Promise<Record<string, string | null>> {
  const { events } = (await replica.api('GET', '/events')).json<Events>();
  const changes = events.filter(({ kind }) => kind === 'change');
  return Object.fromEntries(changes.map(({ key, actor }) => [key, actor]));
}

describeIf(anyNginx, missingNginx, 'what happens to a table', () => {
  describeAnyPostgres('that replicas share', () => {
    test('is told by each with the sender where it came in, and as that of another replica elsewhere, however they mix', async () => {
      const { members } = await startFleet({ proxy: anyProxy(), count: 2 });
      const expected = members.map((): Record<string, string> => ({}));
      const adding = Array.from({ length: 40 }, async (_, i) => {
        const key = `/user/u${i}`;
        const [here, there] = i % 2 === 0 ? [0, 1] : [1, 0];
        const headers: HeaderPairs = [['Signalbox-Actor', `sender ${i}`]];
        const added = await members[here]?.api('POST', `/api/routes${key}`, { target: 'http://127.0.0.1:9' }, headers);
        expect(added?.status).toBe(201);
        Object.assign(expected[here] as object, { [key]: `sender ${i}` });
        Object.assign(expected[there] as object, { [key]: 'another replica' });
      });
      await Promise.all(adding);
      for (const [index, member] of members.entries()) expect(await senders(member)).toEqual(expected[index]);
    });
  });
});
