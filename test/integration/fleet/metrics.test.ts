import { expect, test } from 'vitest';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { describeAnyPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import { describeIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { runCli } from '../cli/run-cli.ts';
import { startFleet } from './scene.ts';

describeIf(anyNginx, missingNginx, 'what operators see of replicas', () => {
  describeAnyPostgres('that share a table', () => {
    test('metrics and status tell of commits, of who waits for whom, and of connections that were lost', async () => {
      const fleet = await startFleet({ proxy: anyProxy(), count: 2 });
      const [one, two] = fleet.members;
      if (!one || !two) throw new Error('two were to be started');
      const metric = async (name: string) => {
        const { text } = await one.api('GET', '/metrics').then((answer) => ({ text: answer.text() }));
        return Number(new RegExp(`^signalbox_${name} (\\S+)$`, 'm').exec(text)?.[1]);
      };
      const shown = async () => {
        const env = { SIGNALBOX_API_URL: one.apiUrl, SIGNALBOX_API_TOKEN: one.token };
        return await runCli(['status'], env);
      };
      await one.add('/user/ada', 'http://127.0.0.1:9');
      expect(await metric('store_commit_seconds_count')).toBe(1);
      expect(await metric('fleet_wait_seconds_count')).toBe(1);
      expect(await metric('store_resets_total')).toBe(0);
      expect(await metric('store_reconnects_total')).toBe(0);
      await until(async () => (await metric('fleet_replicas{state="serving"}')) === 2, { what: 'both to be seen' });
      const { code, out } = await shown();
      expect([code, out]).toEqual([0, expect.stringMatching(/^replicas: 2$/m)]);
      expect(out).toMatch(/\(this one\) +\S+ +serving +current/);

      one.cable.drop();
      await until(async () => (await metric('store_reconnects_total')) === 2, { what: 'both connections to be back' });

      // As after a failover to a standby that lacked the last change.
      await fleet.postgres.query(
        `WITH other AS (UPDATE signalbox.meta SET stamp = gen_random_uuid() RETURNING generation, stamp)
         UPDATE signalbox.generations g SET stamp = other.stamp FROM other WHERE g.generation = other.generation`,
      );
      await until(async () => (await metric('store_resets_total')) === 1, { what: 'the other history to be noticed' });

      await two.kill('SIGKILL');
      await until(async () => (await metric('fleet_replicas{state="gone"}')) === 1, { what: 'its lease to end' });
      expect((await shown()).out).toMatch(/serving +current +ended \d+s ago/);
      one.cable.cut();
      await until(async () => (await metric('store_up')) === 0, { what: 'the database to be missed' });
      const without = await shown();
      expect(without.out).toMatch(
        /^database .*, out of reach: it did not answer within .*; the table is that of \d+s ago$/m,
      );
      one.cable.restore();
      await until(async () => (await metric('store_up')) === 1, { what: 'the database to be back' });
    });
  });
});
