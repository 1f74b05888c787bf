import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workersOf } from '../../../src/proxies/nginx/workers.ts';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { isAlive } from '../../support/process-tree.ts';
import { noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, isReady, proxyProcesses, type Scene, status } from '../scene.ts';

/** As with a container. The master first: it would start new workers, which would outlive it and go on answering. */
function killAll(master: number): void {
  const workers = workersOf(master) ?? [];
  for (const pid of [master, ...workers.map((worker) => worker.pid)]) process.kill(pid, 'SIGKILL');
}

/** An nginx of the test's own, with our file in its http block. */
function makeSidecar(nginx: string, stateDir: string) {
  const dir = makeTempDir();
  const pidFile = join(dir, 'nginx.pid');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${pidFile}; error_log ${dir}/error.log; worker_processes 1; events {}
     http { access_log off; ${temporary.join(' ')} include ${stateDir}/nginx/current/signalbox.conf; }`,
  );
  return {
    pidFile,
    async start(): Promise<Child> {
      const child = startProcess(nginx, ['-p', dir, '-e', `${dir}/error.log`, '-c', join(dir, 'nginx.conf')]);
      await until(() => child.exit() || readFileSync(pidFile, 'utf8') !== '', { what: 'nginx to start' });
      expect(child.exit(), child.output()).toBeUndefined();
      return child;
    },
  };
}

describeEachSceneOnce(
  'a sidecar',
  ({ start, proxy }: Scene) => {
    const ways = {
      'pid file': (pidFile: string) => ['--nginx-pid-file', pidFile],
      'reload command': (pidFile: string) => ['--reload-command', `kill -HUP "$(cat '${pidFile}')"`],
    };

    for (const [way, flags] of Object.entries(ways)) {
      it(`that starts late, ends, comes back and is reloaded by ${way} serves what was asked for`, async () => {
        const backend = await startBackend();
        const stateDir = join(makeTempDir(), 'state');
        mkdirSync(stateDir, { mode: 0o711 });
        const sidecar = makeSidecar(proxy.path, stateDir);
        const signalbox = await start({
          stateDir,
          whenReady: false,
          args: ['--no-managed', '--no-pin', '--apply-timeout', '3s', ...flags(sidecar.pidFile)],
        });

        const early = await signalbox.api('POST', '/api/routes/early', { target: backend.url });
        expect(early.status).toBe(503);
        expect(early.json()).toMatchObject({
          code: 'NOT_SERVED',
          message: expect.stringMatching(
            /^stored, but not served within 3 s: nginx does not answer on its control socket/,
          ),
        });
        expect(await isReady(signalbox)).toBe(false);

        const first = await sidecar.start();
        await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
        expect((await signalbox.get('/early/')).status).toBe(200);
        await signalbox.add('/second', backend.url);
        expect((await signalbox.get('/second/')).status).toBe(200);
        // A depth that was not in use before takes a reload.
        await signalbox.add('/a/b/c/d/e', backend.url);
        expect((await signalbox.get('/a/b/c/d/e/')).status).toBe(200);
        expect((await status(signalbox)).reloads).toBe(1);
        expect(proxyProcesses(stateDir)).toEqual([]);

        await first.stop('SIGTERM');
        await until(async () => !(await isReady(signalbox)), { what: 'Signalbox to see it gone' });
        expect((await signalbox.api('POST', '/api/routes/away', { target: backend.url })).status).toBe(503);
        const second = await sidecar.start();
        await until(() => isReady(signalbox), { what: 'Signalbox to find the next nginx' });
        for (const path of ['/early/', '/second/', '/away/']) expect((await signalbox.get(path)).status).toBe(200);

        await signalbox.stop();
        expect(isAlive(second.pid)).toBe(true);
        expect((await signalbox.get('/early/')).status).toBe(200);
        await second.stop('SIGTERM');
      });
    }

    it('that was killed finds the way free for the next one: its dead control socket goes', async () => {
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const sidecar = makeSidecar(proxy.path, stateDir);
      const signalbox = await start({ stateDir, whenReady: false, args: ['--no-managed', '--no-pin'] });
      await until(() => readFileSync(join(stateDir, 'nginx/current/signalbox.conf'), 'utf8') !== '', {
        what: 'our file',
      });
      const first = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      killAll(first.pid);
      await until(() => !existsSync(join(stateDir, 'nginx/control/nginx.sock')), { what: 'the dead socket to go' });
      const second = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find the next nginx' });
      await signalbox.stop();
      await second.stop('SIGTERM');
    });

    it('that was killed where its dead socket cannot be removed: the reason shows', async ({ skip }) => {
      if (noSmallDisk) skip(noSmallDisk);
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const sidecar = makeSidecar(proxy.path, stateDir);
      const signalbox = await start({ stateDir, whenReady: false, args: ['--no-managed', '--no-pin'] });
      await until(() => readFileSync(join(stateDir, 'nginx/current/signalbox.conf')), { what: 'our file' });
      const first = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      const control = join(stateDir, 'nginx/control');
      // As root only a folder that nobody may write into is one in which we may not remove a file.
      execFileSync('mount', ['--bind', control, control]);
      const unmount = onCleanup(() => execFileSync('umount', ['--lazy', control]));
      execFileSync('mount', ['-o', 'remount,ro,bind', control]);
      killAll(first.pid);
      const lastError = async () => (await status(signalbox)).lastError?.message ?? '';
      await until(async () => (await lastError()).includes('nginx.sock cannot be removed'), { what: 'the reason' });
      await unmount();
      await until(() => !existsSync(join(control, 'nginx.sock')), { what: 'the dead socket to go', timeout: 30_000 });
      const second = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find the next nginx' });
      await signalbox.stop();
      await second.stop('SIGTERM');
    });

    it('whose reload command never ends is believed when it was reloaded', async () => {
      const backend = await startBackend();
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const sidecar = makeSidecar(proxy.path, stateDir);
      const command = `kill -HUP "$(cat '${sidecar.pidFile}')"; read answer; exec sleep 600`;
      const args = ['--no-managed', '--no-pin', '--reload-command', command];
      const signalbox = await start({ stateDir, whenReady: false, args });
      await until(() => readFileSync(join(stateDir, 'nginx/current/signalbox.conf')), { what: 'our file' });
      const owner = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      for (const path of ['/a/b/c/d/e', '/a/b/c/d/e/f', '/user/ada']) await signalbox.add(path, backend.url);
      expect((await signalbox.get('/a/b/c/d/e/f/')).status).toBe(200);
      await signalbox.stop();
      await owner.stop('SIGTERM');
    });

    it('whose pid file cannot be read is served and asked for its state, and the reason shows', async () => {
      const backend = await startBackend();
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const sidecar = makeSidecar(proxy.path, stateDir);
      const folder = makeTempDir();
      const args = ['--no-managed', '--no-pin', '--nginx-pid-file', folder, '--apply-timeout', '3s'];
      const signalbox = await start({ stateDir, whenReady: false, args });
      await until(() => readFileSync(join(stateDir, 'nginx/current/signalbox.conf')), { what: 'our file' });
      const owner = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      const answer = await signalbox.api('POST', '/api/routes/a/b/c/d/e', { target: backend.url });
      expect([answer.status, answer.text()]).toEqual([503, expect.stringContaining(`${folder} can't be read: EISDIR`)]);
      expect((await signalbox.api('GET', '/metrics')).status).toBe(200);
      owner.kill('SIGHUP');
      await until(() => isReady(signalbox), { what: 'Signalbox to see the reload' });
      await signalbox.stop();
      await owner.stop('SIGTERM');
    });

    it('that only its owner reloads needs no reload for a daemon with another limit of open files', async () => {
      const dir = makeTempDir();
      const [stateDir, limit] = [join(dir, 'state'), join(dir, 'limit')];
      mkdirSync(stateDir, { mode: 0o711 });
      writeFileSync(limit, '2000');
      const sidecar = makeSidecar(proxy.path, stateDir);
      const shell = ['/bin/sh', '-c', `ulimit -n "$(cat '${limit}')"; exec "$0" "$@"`] as const;
      const signalbox = await start({
        stateDir,
        whenReady: false,
        args: ['--no-managed', '--no-pin'],
        command: [...shell, process.execPath, BIN, 'serve'],
      });
      await until(() => existsSync(join(stateDir, 'nginx/current/signalbox.conf')), { what: 'our file' });
      await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      await signalbox.stop();
      writeFileSync(limit, '1000');
      await signalbox.restart();
      await until(() => isReady(signalbox), { what: 'Signalbox to find it again' });
      expect((await status(signalbox)).reloads).toBe(0);
      await signalbox.stop();
    });

    it('that only its owner reloads gets the newest configuration then', async () => {
      const backend = await startBackend();
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const sidecar = makeSidecar(proxy.path, stateDir);
      const signalbox = await start({
        stateDir,
        whenReady: false,
        args: ['--no-managed', '--no-pin', '--apply-timeout', '3s'],
      });
      await until(() => readFileSync(join(stateDir, 'nginx/current/signalbox.conf'), 'utf8') !== '', {
        what: 'our file',
      });
      const owner = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      const answer = await signalbox.api('POST', '/api/routes/a/b/c/d/e', { target: backend.url });
      expect([answer.status, answer.text()]).toEqual([503, expect.stringContaining('there is no way to do it')]);
      owner.kill('SIGHUP');
      await until(() => isReady(signalbox), { what: 'Signalbox to see the reload' });
      expect((await signalbox.get('/a/b/c/d/e/')).status).toBe(200);
      await signalbox.stop();
      await owner.stop('SIGTERM');
    });
  },
  ['nginx'],
);
