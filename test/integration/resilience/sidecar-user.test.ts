import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { describeIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { isReady } from '../scene.ts';
import { idOf, missingUsers, runAsUser, signalboxUser, startThreeUsers, workerUser } from '../three-users.ts';

const missing = missingUsers();

describeIf(
  missing === undefined,
  missing ?? '',
  'Signalbox, the master and the workers of nginx are three users',
  () => {
    test('routes are served, and a reload that somebody else carries out is confirmed', async () => {
      const backend = await startBackend();
      let wish = '';
      let flags: string[] = [];
      const { box, nginx } = await startThreeUsers((folder) => {
        mkdirSync(join(folder, 'wishes'));
        chownSync(join(folder, 'wishes'), idOf('-u', signalboxUser), 0);
        wish = join(folder, 'wishes/reload');
        flags = ['--nginx-pid-file', join(folder, 'nginx.pid'), '--reload-command', `touch '${wish}'`];
        return flags;
      });
      // What the path unit of docs/systemd.md does.
      let seen = 0;
      const timer = setInterval(() => {
        const time = statSync(wish, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (time > seen) nginx.kill('SIGHUP');
        seen = time;
      }, 20);
      onCleanup(() => clearInterval(timer));

      await box.add('/user/ada', backend.url);
      expect((await box.get('/user/ada/')).status).toBe(200);
      expect(seen).toBe(0);
      // Like a port below 1024: nginx may use it and we may not, so that `nginx -t` fails for us.
      chownSync(join(box.stateDir, 'nginx/access.log'), 0, 0);
      chmodSync(join(box.stateDir, 'nginx/access.log'), 0o644);
      await box.add('/a/b/c/d/e', backend.url);
      expect((await box.get('/a/b/c/d/e/')).status).toBe(200);
      expect(seen).toBeGreaterThan(0);

      const only = ['pid-file', 'reload', 'state-folder'].flatMap((check) => ['--only', check]);
      const settings = ['--no-managed', '--state-dir', box.stateDir, ...flags];
      expect(await runAsUser('doctor', ...only, ...settings)).toMatchObject({ code: 0 });
    });

    test('its log is for Signalbox and nginx alone, and is read on after nginx opened it anew', async () => {
      const backend = await startBackend();
      const { box, nginx } = await startThreeUsers((folder) => {
        // As a managed nginx leaves it.
        const dir = join(folder, 'state/nginx');
        mkdirSync(dir);
        writeFileSync(join(dir, 'access.log'), '', { mode: 0o600 });
        for (const path of [dir, join(dir, 'access.log')]) {
          chownSync(path, idOf('-u', signalboxUser), idOf('-g', signalboxUser));
        }
        return [];
      });
      await box.add('/user/ada', backend.url);
      const log = join(box.stateDir, 'nginx/access.log');
      const requests = async () =>
        (await box.api('GET', '/api/routes/user/ada?stats=1')).json<{ stats: { requests: number } }>().stats.requests;
      await box.get('/user/ada/x');
      await until(async () => (await requests()) === 1, { what: 'the first request to be counted' });
      expect(statSync(log)).toMatchObject({ uid: idOf('-u', signalboxUser) });
      expect(statSync(log).mode & 0o777).toBe(0o660);

      // As the logrotate file of a distribution does each day: nginx gives its logs to its workers.
      nginx.kill('SIGUSR1');
      await until(() => statSync(log).uid === idOf('-u', workerUser), { what: 'nginx to take the log over' });
      await box.stop();
      await box.restart();
      await box.get('/user/ada/x');
      await until(async () => (await requests()) === 1, { what: 'a request after that to be counted' });
    });

    test('a reload that it may not do says so, and what to do', async () => {
      const backend = await startBackend();
      const { box, nginx } = await startThreeUsers((folder) => ['--nginx-pid-file', join(folder, 'nginx.pid')]);
      const answer = await box.api('POST', '/api/routes/a/b/c/d/e', { target: backend.url });
      expect(answer.status).toBe(503);
      expect(answer.text()).toContain(`process ${nginx.pid} takes no signals from us`);
      expect(box.logs()).toContain('--reload-command');
      // The configuration waits for whoever may.
      nginx.kill('SIGHUP');
      await until(() => isReady(box), { what: 'Signalbox to see the reload' });
      expect((await box.get('/a/b/c/d/e/')).status).toBe(200);
    });
  },
);
