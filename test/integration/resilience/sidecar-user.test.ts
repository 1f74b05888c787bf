import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { isReady } from '../scene.ts';

/** Nobody's: neither root nor the user of nginx's workers. */
const UID = 23_456;
const AS_USER = ['--reuid', String(UID), '--regid', String(UID), '--clear-groups'];
const bin = resolve(import.meta.dirname, '../../../bin/signalbox.js');

function missing(): string | undefined {
  if (!anyNginx) return `no nginx: ${missingNginx}`;
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux has other users to run things';
  try {
    execFileSync('setpriv', [...AS_USER, process.execPath, bin, '--version'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `another user cannot run Signalbox here: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
}

interface Scene {
  readonly box: Signalbox;
  readonly nginx: Child;
}

/** As a distribution has it: nginx's master is root, its workers are nobody, Signalbox is a third. */
async function startAsUser(args: (folder: string) => readonly string[]): Promise<Scene> {
  const folder = makeTempDir();
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir);
  chmodSync(stateDir, 0o711);
  chownSync(stateDir, UID, UID);
  const box = await startSignalbox({
    proxy: anyProxy(),
    stateDir,
    whenReady: false,
    command: ['setpriv', ...AS_USER, process.execPath, bin, 'serve'],
    args: ['--no-managed', '--no-pin', '--apply-timeout', '3s', ...args(folder)],
  });
  const include = join(stateDir, 'nginx/current/signalbox.conf');
  await until(() => existsSync(include), { what: 'the configuration to include' });
  const group = execFileSync('id', ['-gn', 'nobody'], { encoding: 'utf8' }).trim();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((t) => `${t}_temp_path ${folder}/${t};`);
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `user nobody ${group}; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
     http { access_log off; ${temporary.join(' ')} include ${include}; }`,
  );
  const nginx = startProcess(anyProxy().path, ['-p', folder, '-e', join(folder, 'error.log'), '-c', config]);
  onCleanup(async () => void (nginx.exit() ?? (await nginx.stop('SIGTERM', 5_000))));
  await until(() => nginx.exit() || isReady(box), { what: 'Signalbox to find nginx' });
  expect(nginx.exit(), nginx.output()).toBeUndefined();
  return { box, nginx };
}

const why = missing();

describeIf(why === undefined, why ?? '', 'Signalbox, the master and the workers of nginx are three users', () => {
  test('routes are served, and a reload that somebody else carries out is confirmed', async () => {
    const backend = await startBackend();
    let wish = '';
    const { box, nginx } = await startAsUser((folder) => {
      mkdirSync(join(folder, 'wishes'), { mode: 0o777 });
      chownSync(join(folder, 'wishes'), UID, UID);
      wish = join(folder, 'wishes/reload');
      return ['--nginx-pid-file', join(folder, 'nginx.pid'), '--reload-command', `touch '${wish}'`];
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
  });

  test('its log is for Signalbox and nginx alone, and is read on after nginx opened it anew', async () => {
    const backend = await startBackend();
    const { box, nginx } = await startAsUser(() => []);
    await box.add('/user/ada', backend.url);
    const log = join(box.stateDir, 'nginx/access.log');
    const requests = async () =>
      (await box.api('GET', '/api/routes/user/ada?stats=1')).json<{ stats: { requests: number } }>().stats.requests;
    await box.get('/user/ada/x');
    await until(async () => (await requests()) === 1, { what: 'the first request to be counted' });
    expect(statSync(log)).toMatchObject({ uid: UID });
    expect(statSync(log).mode & 0o777).toBe(0o660);

    // As the logrotate file of a distribution does each day: nginx gives its logs to its workers.
    nginx.kill('SIGUSR1');
    await until(() => statSync(log).uid !== UID, { what: 'nginx to take the log over' });
    await box.stop();
    await box.restart();
    await box.get('/user/ada/x');
    await until(async () => (await requests()) === 1, { what: 'a request after that to be counted' });
  });

  test('a reload that it may not do says so, and what to do', async () => {
    const backend = await startBackend();
    const { box, nginx } = await startAsUser((folder) => ['--nginx-pid-file', join(folder, 'nginx.pid')]);
    const answer = await box.api('POST', '/api/routes/a/b/c/d/e', { target: backend.url });
    expect(answer.status).toBe(503);
    expect(answer.text()).toContain(`process ${nginx.pid} takes no signals from us`);
    expect(box.logs()).toContain('--reload-command');
    // The configuration waits for whoever may.
    nginx.kill('SIGHUP');
    await until(() => isReady(box), { what: 'Signalbox to see the reload' });
    expect((await box.get('/a/b/c/d/e/')).status).toBe(200);
  });
});
