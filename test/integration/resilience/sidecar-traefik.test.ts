import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { startLoad } from '../../support/load.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { isAlive } from '../../support/process-tree.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeEachScene, isReady, type Scene } from '../scene.ts';

/** What the operator has in the folder: a route and a middleware of their own. */
const OPERATORS = `http:
  routers:
    own:
      rule: Path(\`/own/page\`)
      middlewares: [refuse]
      service: noop@internal
  middlewares:
    refuse:
      ipAllowList:
        sourceRange: ["255.255.255.255/32"]
        rejectStatusCode: 451
    mark:
      headers:
        customResponseHeaders:
          X-Operator: was here
`;

/** A Traefik of the test's own, which watches a folder and is throttled, as Traefik is unless told otherwise. */
async function makeSidecar(traefik: string) {
  const dir = makeTempDir();
  const folder = join(dir, 'dynamic');
  const accessLog = join(dir, 'access.log');
  mkdirSync(folder);
  writeFileSync(join(folder, 'operator.yml'), OPERATORS);
  const port = await freePort();
  const config = join(dir, 'traefik.yml');
  writeFileSync(
    config,
    `global: { checkNewVersion: false, sendAnonymousUsage: false }
log: { level: ERROR }
accessLog: { filePath: "${accessLog}", format: json }
entryPoints: { web: { address: "127.0.0.1:${port}" } }
providers: { providersThrottleDuration: 500ms, file: { directory: "${folder}", watch: true } }
`,
  );
  const flags = ['--no-managed', '--traefik-dir', folder, '--traefik-url', `http://127.0.0.1:${port}`];
  return {
    folder,
    accessLog,
    flags: [...flags, '--traefik-access-log', accessLog, '--traefik-middlewares', 'mark@file'],
    get: (target: string) => rawRequest({ port, target }),
    url: `http://127.0.0.1:${port}`,
    async start(): Promise<Child> {
      const child = startProcess(traefik, [`--configFile=${config}`], { cwd: dir });
      onCleanup(async () => void (child.exit() ?? (await child.stop('SIGTERM', 5_000))));
      await until(async () => child.exit() !== undefined || (await rawRequest({ port, target: '/own/page' })), {
        what: 'Traefik to start',
      });
      expect(child.exit(), child.output()).toBeUndefined();
      return child;
    },
  };
}

describeEachScene(
  'a sidecar',
  ({ start, proxy }: Scene) => {
    it('that starts late, is killed and comes back serves what was asked for', async () => {
      const backend = await startBackend();
      const sidecar = await makeSidecar(proxy.path);
      const signalbox = await start({ whenReady: false, args: [...sidecar.flags, '--apply-timeout', '3s'] });

      const early = await signalbox.api('POST', '/api/routes/early', { target: backend.url });
      expect([early.status, early.text()]).toEqual([503, expect.stringContaining('Traefik does not answer at')]);
      expect(await isReady(signalbox)).toBe(false);

      const first = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find Traefik' });
      expect((await sidecar.get('/early/')).status).toBe(200);
      await signalbox.add('/second', backend.url);
      expect((await sidecar.get('/second/')).status).toBe(200);

      first.kill('SIGKILL');
      await until(async () => !(await isReady(signalbox)), { what: 'Signalbox to see it gone' });
      expect((await signalbox.api('POST', '/api/routes/away', { target: backend.url })).status).toBe(503);
      const second = await sidecar.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find the next Traefik' });
      for (const path of ['/early/', '/second/', '/away/']) expect((await sidecar.get(path)).status).toBe(200);

      await signalbox.stop();
      expect(isAlive(second.pid)).toBe(true);
      expect((await sidecar.get('/early/')).status).toBe(200);
    });

    it("stands beside the operator's own files: their routes and middlewares are in use, nothing of theirs changes", async () => {
      const backend = await startBackend();
      const sidecar = await makeSidecar(proxy.path);
      await sidecar.start();
      const signalbox = await start({ args: sidecar.flags });
      await signalbox.add('/', backend.url);
      expect((await sidecar.get('/x')).header('X-Operator')).toBe('was here');
      expect((await sidecar.get('/own/page')).status).toBe(451);
      expect(readFileSync(join(sidecar.folder, 'operator.yml'), 'utf8')).toBe(OPERATORS);
      expect(readdirSync(sidecar.folder).sort()).toEqual(['.signalbox', 'operator.yml', 'signalbox.yml']);
      await signalbox.stop();
    });

    it('whose access log is read, but never cut, shows who is active', async () => {
      const backend = await startBackend();
      const sidecar = await makeSidecar(proxy.path);
      await sidecar.start();
      const signalbox = await start({ args: [...sidecar.flags, '--access-log-size', '100KB'] });
      await signalbox.add('/user/ada', backend.url);
      const load = startLoad({ url: sidecar.url, paths: ['/user/ada/'], connections: 2 });
      const requests = async () => {
        const answer = await signalbox.api('GET', '/api/routes/user/ada?stats=1');
        return answer.json<{ stats: { requests: number } }>().stats.requests;
      };
      await until(async () => (await requests()) > 300, { what: '300 requests to be counted' });
      const report = await load.stop();
      await until(async () => (await requests()) === report.requests, { what: 'all of them' });
      expect(statSync(sidecar.accessLog).size).toBeGreaterThan(100_000);
      expect(existsSync(`${sidecar.accessLog}.1`)).toBe(false);
      await signalbox.stop();
    });

    it('serves on while the daemon is dead; the next one takes over what it finds, without a change', async () => {
      const backend = await startBackend();
      const sidecar = await makeSidecar(proxy.path);
      await sidecar.start();
      const signalbox = await start({ args: sidecar.flags });
      await signalbox.add('/user/ada', backend.url);
      const load = startLoad({ url: sidecar.url, paths: ['/user/ada/'], connections: 2, pause: 5 });
      const before = readFileSync(join(sidecar.folder, 'signalbox.yml'), 'utf8');
      signalbox.kill('SIGKILL');
      await until(() => signalbox.exit(), { what: 'the daemon to die' });
      await signalbox.restart();
      expect(readFileSync(join(sidecar.folder, 'signalbox.yml'), 'utf8')).toBe(before);
      await signalbox.add('/user/bob', backend.url);
      expect((await sidecar.get('/user/bob/')).status).toBe(200);
      expect((await load.stop()).failures).toEqual([]);
      await signalbox.stop();
    });
  },
  ['traefik'],
);
