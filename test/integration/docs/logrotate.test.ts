import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { runProcess } from '../../support/process.ts';
import { describeIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { missingUsers, signalboxUser, startThreeUsers, workerUser } from '../three-users.ts';
import { parsePage, root } from './pages.ts';
import { missingProgram } from './programs.ts';

const missing = missingProgram('logrotate') ?? missingUsers();
const page = parsePage('docs/systemd.md', readFileSync(join(root, 'docs/systemd.md'), 'utf8'));
const configs = page.blocks.filter(({ language }) => language === 'logrotate').map(({ text }) => text);

describeIf(missing === undefined, missing ?? '', 'the logrotate files of docs/systemd.md', () => {
  for (const way of ['copytruncate', 'create']) {
    test(`lose no request and no activity: ${way}`, async () => {
      const text = configs.find((one) => one.includes(way)) ?? '';
      const backend = await startBackend();
      const { box, folder } = await startThreeUsers(() => []);
      const log = join(box.stateDir, 'nginx/access.log');
      const config = join(folder, 'logrotate.conf');
      writeFileSync(
        config,
        text
          .replaceAll('/var/lib/signalbox', box.stateDir)
          .replaceAll('/run/nginx.pid', join(folder, 'nginx.pid'))
          .replace('su signalbox signalbox', `su ${signalboxUser} ${signalboxUser}`)
          .replace('www-data signalbox', `${workerUser} ${signalboxUser}`),
      );
      const rotate = async () => {
        const { code, output } = await runProcess('logrotate', ['-f', '-s', join(folder, 'logrotate.state'), config]);
        expect({ code, output }).toEqual({ code: 0, output: '' });
      };
      const get = async (times: number) => {
        for (let done = 0; done < times; done += 1) expect((await box.get('/user/ada/x')).status).toBe(200);
      };
      // Counts from each start of the daemon on, lines that were written before it included.
      const counted = (wanted: number) =>
        until(
          async () => {
            const metrics = (await box.api('GET', '/metrics')).text();
            return metrics.includes(`\nsignalbox_activity_lines_total ${wanted}\n`);
          },
          { what: `${wanted} requests to be counted` },
        );

      await box.add('/user/ada', backend.url);
      await get(3);
      await counted(3);

      // Nobody reads meanwhile; nginx writes its lines out after half a second at the latest.
      await box.stop();
      await get(2);
      await until(() => readFileSync(log, 'utf8').split('\n').length === 6, { what: 'five lines in the log' });
      await rotate();
      await get(1);
      await box.restart();
      await counted(3);

      await rotate();
      await get(2);
      await counted(5);
      // Signalbox takes access.log.1 for its own, and would remove it.
      const kept = readdirSync(join(box.stateDir, 'nginx')).filter((name) => /^access\.log./.test(name));
      expect(kept).toEqual([expect.stringMatching(/^access\.log-\d/), expect.stringMatching(/^access\.log-\d/)]);
    });
  }
});
