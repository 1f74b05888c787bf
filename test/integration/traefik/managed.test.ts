import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { startLoad } from '../../support/load.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { isAlive, listProcesses } from '../../support/process-tree.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { isRoot } from '../../support/skip.ts';
import { inClosedFolder } from '../../support/surroundings/closed-folder.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { describeEachScene, isReady, status } from '../scene.ts';

/** Only root may listen there. */
const privilegedPort = () => 600 + Math.floor(Math.random() * 300);

const ownerOf = (pid: number) => statSync(`/proc/${pid}`).uid;

function staticFile({ stateDir }: Signalbox): string {
  return readFileSync(join(stateDir, 'traefik/static.yml'), 'utf8');
}

/** The common name of the certificate that is served. */
function servedName(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject?.CN));
    });
    socket.on('error', reject);
  });
}

describeEachScene(
  'a managed Traefik',
  ({ start, proxy }) => {
    it('is told to call nobody, shows no API, and reads nothing of our environment', async () => {
      const backend = await startBackend();
      const signalbox = await start({ env: { TRAEFIK_LOG_LEVEL: 'DEBUG', CONFIGPROXY_AUTH_TOKEN: 'hush' } });
      await signalbox.add('/user/ada', backend.url);
      for (const path of ['/dashboard/', '/api/rawdata', '/ping']) expect((await signalbox.get(path)).status).toBe(404);
      expect(staticFile(signalbox)).toMatch(/checkNewVersion: false\n\s+sendAnonymousUsage: false/);
      const environment = readFileSync(`/proc/${signalbox.proxyPid()}/environ`, 'utf8');
      expect(environment).not.toMatch(/hush|TOKEN|TRAEFIK_/);
      await signalbox.stop();
    });

    it('shows its dashboard where that is asked for', async () => {
      const port = await freePort();
      const signalbox = await start({ args: ['--traefik-dashboard', `127.0.0.1:${port}`] });
      const answer = await rawRequest({ port, target: '/api/version' });
      expect(answer.json()).toMatchObject({ Version: proxy.version });
      expect((await signalbox.get('/api/version')).status).toBe(404);
      await signalbox.stop();
    });

    it('never signals a stranger whose number stands in a pid file that was left', async () => {
      const signalbox = await start();
      const pid = signalbox.proxyPid() as number;
      signalbox.kill('SIGKILL');
      await until(() => signalbox.exit(), { what: 'the daemon to be gone' });
      process.kill(pid, 'SIGKILL');
      await until(() => !isAlive(pid), { what: 'Traefik to be gone' });
      const stranger = startProcess('sleep', ['600']);
      writeFileSync(join(signalbox.stateDir, 'traefik/traefik.pid'), `${stranger.pid}\n`);
      // So large that it is begun anew at once.
      truncateSync(join(signalbox.stateDir, 'traefik/error.log'), 11 * 1024 * 1024);
      await signalbox.restart();
      await signalbox.stop();
      expect(stranger.exit()).toBeUndefined();
      await stranger.stop('SIGKILL');
    });

    it('says 503, not 404, of its routes while it comes back', async () => {
      const { url } = await startBackend();
      const signalbox = await start();
      const table = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`/user/u${at}`, { target: url }]));
      expect((await signalbox.api('PATCH', '/api/routes', table)).status).toBeLessThan(300);
      const statuses = new Map<number, number>();
      const load = startLoad({
        url: signalbox.url,
        paths: ['/user/u7/', '/user/u1999/', '/_chp_healthz'],
        pause: 1,
        isGood: ({ status }) => statuses.set(status, (statuses.get(status) ?? 0) + 1).size > 0,
      });
      for (let restarts = 1; restarts <= 3; restarts++) {
        process.kill(signalbox.proxyPid() as number, 'SIGKILL');
        await until(async () => (await status(signalbox)).proxy.restarts === restarts, { what: 'a restart' });
        await until(() => isReady(signalbox), { what: 'Traefik to serve the table again' });
      }
      await load.stop();
      // Between the moment in which it listens and the first file that it reads, some milliseconds.
      const times = (status: number) => statuses.get(status) ?? 0;
      expect(times(503)).toBeGreaterThan(0);
      expect(times(404)).toBeLessThan(times(503) / 4);
      await signalbox.stop();
    });

    it('may lie in a folder that its user may not enter', async () => {
      const traefik = inClosedFolder(proxy.path);
      for (const port of [await freePort(), privilegedPort()]) {
        const args = ['--traefik', traefik, '--public', `127.0.0.1:${port}`];
        const signalbox = await start({ args, readyTimeout: 15_000 });
        await signalbox.add('/user/ada', (await startBackend()).url);
        expect((await rawRequest({ port, target: '/user/ada/' })).status).toBe(200);
        await signalbox.stop();
        if (!isRoot) return;
      }
    });

    it('is another user when Signalbox is root', async ({ skip }) => {
      skip(!isRoot, 'needs root, to start it as someone else');
      const signalbox = await start();
      const nobody = Number(/^nobody:x:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1]);
      expect(ownerOf(signalbox.proxyPid() as number)).toBe(nobody);
      await signalbox.stop();
    });

    it('is taken over as it is by the next daemon, and replaced by one with other settings', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--apply-timeout', '5s'] });
      await signalbox.add('/user/ada', backend.url);
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`, { interval: 20 });
      const pid = signalbox.proxyPid();
      signalbox.kill('SIGKILL');
      await until(() => signalbox.exit(), { what: 'the daemon to be gone' });
      expect((await signalbox.get('/user/ada/')).status).toBe(200);
      await signalbox.restart();
      expect(signalbox.proxyPid()).toBe(pid);
      // Nothing had changed, so Traefik was left alone.
      expect((await status(signalbox)).reloads).toBe(0);
      expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });

      signalbox.kill('SIGKILL');
      await until(() => signalbox.exit(), { what: 'the daemon to be gone' });
      await signalbox.restart(['--keep-alive-timeout', '33s']);
      expect(signalbox.proxyPid()).not.toBe(pid);
      expect(staticFile(signalbox)).toContain('33s');
      expect((await signalbox.get('/user/ada/')).status).toBe(200);
      await signalbox.stop();
    });

    it('is rebuilt three times by 500 changes that arrive together, and twice more for each second that they take to arrive', async () => {
      const backend = await startBackend();
      const signalbox = await start();
      await signalbox.add('/user/ada', backend.url);
      const { reloads } = await status(signalbox);
      const keys = Array.from({ length: 500 }, (_, i) => `/user/u${i}`);
      const began = performance.now();
      await Promise.all(keys.map((key) => signalbox.add(key, backend.url)));
      // A busy machine takes seconds to send them: then they do not come together.
      const seconds = (performance.now() - began) / 1_000;
      expect((await status(signalbox)).reloads - reloads).toBeLessThanOrEqual(3 + Math.floor(2 * seconds));
      const answers = await Promise.all(keys.map((key) => signalbox.get(`${key}/`)));
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
      await signalbox.stop();
    });

    it('serves on as it was when a template makes a file that it refuses, and the reason shows', async () => {
      const backend = await startBackend();
      const templates = makeTempDir();
      mkdirSync(join(templates, 'traefik'));
      const signalbox = await start({ args: ['--templates', templates] });
      await signalbox.add('/user/ada', backend.url);
      const load = startLoad({ url: signalbox.url, paths: ['/user/ada/'], connections: 2, pause: 5 });
      const problem = async () =>
        (await signalbox.api('GET', '/status')).json<{ templates: { error: { message: string } | null } }>().templates
          .error?.message;
      for (const [text, said] of [
        ['http: [', /yaml/],
        ['http:\n  routers:\n    mine:\n      rule: Nonsense(`x`)\n      service: noop@internal\n', /mine.*Nonsense/s],
      ] as const) {
        writeFileSync(join(templates, 'traefik/dynamic.yml'), text);
        await until(async () => said.test((await problem()) ?? ''), { what: `the reason ${said}` });
      }
      await signalbox.add('/user/bob', backend.url);
      expect((await signalbox.get('/user/bob/')).status).toBe(200);
      expect((await load.stop()).failures).toEqual([]);
      expect(await isReady(signalbox)).toBe(true);
      await signalbox.stop();
    });

    it('takes its trial of a file with it at once when it is told to stop, whatever still drains', async () => {
      const backend = await startBackend();
      const templates = makeTempDir();
      mkdirSync(join(templates, 'traefik'));
      const signalbox = await start({ args: ['--templates', templates, '--drain-timeout', '12s'] });
      await signalbox.add('/user/ada', backend.url);
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`, { interval: 20 });
      const trials = () =>
        listProcesses().filter(({ command }) => command.endsWith(`=${signalbox.stateDir}/traefik/trial/static.yml`));
      // Without our marker in it, so that the trial waits for it.
      const text = 'http:\n  routers:\n    mine:\n      rule: Path(`/x`)\n      service: noop@internal\n';
      writeFileSync(join(templates, 'traefik/dynamic.yml'), text);
      await until(() => trials().length > 0, { what: 'a trial' });
      const stopped = signalbox.stop('SIGTERM', 40_000);
      await until(() => trials().length === 0, { what: 'the end of the trial', timeout: 5_000 });
      expect(signalbox.exit()).toBeUndefined();
      await echo.stop();
      await stopped;
    });

    it('serves a renewed certificate', async () => {
      const dir = makeTempDir();
      const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
      const renew = (name: string) => {
        const made = makeCertificate(name);
        writeFileSync(key, made.key);
        writeFileSync(cert, made.cert);
      };
      renew('first.example');
      const signalbox = await start({ args: ['--ssl-key', key, '--ssl-cert', cert] });
      await until(async () => (await servedName(signalbox.port)) === 'first.example', {
        what: 'the first certificate',
      });
      renew('second.example');
      signalbox.kill('SIGHUP');
      await until(async () => (await servedName(signalbox.port)) === 'second.example', { what: 'the renewed one' });
      await signalbox.stop();
    });
  },
  ['traefik'],
);
