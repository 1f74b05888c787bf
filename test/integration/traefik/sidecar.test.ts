import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { startLoad } from '../../support/load.ts';
import { isAlive } from '../../support/process-tree.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { makeHostileTraefik } from '../../support/surroundings/hostile-traefik.ts';
import { until } from '../../support/wait.ts';
import { describeEachScene, isReady, type Scene } from '../scene.ts';

async function makeSidecar({ start, proxy }: Scene, { throttle = '100ms', args = [] as string[] } = {}) {
  const owner = await makeHostileTraefik(proxy.path, { throttle });
  const launch = () =>
    start({
      whenReady: false,
      args: [
        ['--no-managed', '--traefik-dir', owner.dir, '--traefik-url', `http://127.0.0.1:${owner.port}`],
        ['--traefik-access-log', owner.accessLog, '--apply-timeout', '5s', ...args],
      ].flat(),
    });
  return { owner, launch };
}

describeEachScene(
  'a Traefik that someone else runs',
  (scene) => {
    it('starts late, ends, comes back: it serves what was asked for, beside its own routes', async () => {
      const backend = await startBackend();
      const { owner, launch } = await makeSidecar(scene, { args: ['--apply-timeout', '2s'] });
      const signalbox = await launch();
      const early = await signalbox.api('POST', '/api/routes/early', { target: backend.url });
      expect([early.status, early.text()]).toEqual([503, expect.stringContaining('Traefik does not answer at')]);
      expect(await isReady(signalbox)).toBe(false);

      const first = await owner.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find it' });
      await signalbox.add('/second', backend.url);
      for (const path of ['/early/', '/second/']) expect((await owner.get(path)).status).toBe(200);
      expect((await owner.get('/mine')).status).toBe(418);

      await first.stop('SIGTERM');
      await until(async () => !(await isReady(signalbox)), { what: 'Signalbox to see it gone' });
      const second = await owner.start();
      await until(() => isReady(signalbox), { what: 'Signalbox to find it again' });
      await signalbox.remove('/second');
      expect((await owner.get('/second/')).status).toBe(404);

      await signalbox.stop();
      expect(isAlive(second.pid)).toBe(true);
      expect((await owner.get('/early/')).status).toBe(200);
      await second.stop('SIGTERM');
    });

    it('serves on while the daemon is dead; the next one takes over what it finds, without a change', async () => {
      const backend = await startBackend();
      const { owner, launch } = await makeSidecar(scene);
      const traefik = await owner.start();
      const signalbox = await launch();
      await signalbox.add('/user/ada', backend.url);
      const load = startLoad({
        url: `http://127.0.0.1:${owner.port}`,
        paths: ['/user/ada/'],
        connections: 2,
        pause: 5,
      });
      const ours = () => readFileSync(join(owner.dir, 'signalbox.yml'), 'utf8');
      const before = ours();
      signalbox.kill('SIGKILL');
      await until(() => signalbox.exit(), { what: 'the daemon to die' });
      await signalbox.restart();
      await until(() => isReady(signalbox), { what: 'the next one to find Traefik' });
      expect(ours()).toBe(before);
      await signalbox.add('/user/bob', backend.url);
      expect((await owner.get('/user/bob/')).status).toBe(200);
      expect((await load.stop()).failures).toEqual([]);
      await signalbox.stop();
      await traefik.stop('SIGTERM');
    });

    it('gets one file of ours, which it can read whoever it is, and whose names are ours', async () => {
      const backend = await startBackend();
      const { owner, launch } = await makeSidecar(scene, { args: ['--traefik-prefix', 'hub1'] });
      await owner.start();
      const signalbox = await launch();
      await signalbox.add('/user/ada', backend.url);
      expect(readdirSync(owner.dir).filter((name) => !name.startsWith('.'))).toEqual(['hub1.yml', 'own.yml']);
      expect(statSync(join(owner.dir, 'hub1.yml')).mode & 0o777).toBe(0o644);
      const names = await Promise.all(
        ['routers', 'services', 'middlewares'].map(async (kind) => {
          const all = (await (await fetch(`${owner.api}/api/http/${kind}?per_page=1000`)).json()) as { name: string }[];
          return all.map(({ name }) => name);
        }),
      );
      const files = names.flat().filter((name) => name.endsWith('@file'));
      expect(files.length).toBeGreaterThan(3);
      expect(files.filter((name) => !name.startsWith('hub1-') && !/^(web-)?(mine|greet)@/.test(name))).toEqual([]);
      await signalbox.stop();
    });

    it("puts the operator's middlewares and rule in front of every route", async () => {
      const backend = await startBackend();
      const flags = ['--traefik-middlewares', 'greet@file', '--traefik-rule', 'Host(`127.0.0.1`)'];
      const { owner, launch } = await makeSidecar(scene, { args: [...flags, '--traefik-api', 'http://127.0.0.1:1'] });
      await owner.start();
      const signalbox = await launch();
      await signalbox.add('/user/ada', backend.url);
      const answer = await owner.get('/user/ada/');
      expect([answer.status, answer.header('X-Greeting')]).toEqual([200, 'hello']);
      const other = await rawRequest({ port: owner.port, target: '/user/ada/', headers: [['Host', 'other.example']] });
      expect(other.status).toBe(404);
      expect(signalbox.logs()).toContain("Traefik's API does not tell its version");
      await signalbox.stop();
    });

    it('is believed only when it serves a change, however long its throttle holds it back', async () => {
      const backend = await startBackend();
      const { owner, launch } = await makeSidecar(scene, { throttle: '1500ms' });
      await owner.start();
      const signalbox = await launch();
      for (const key of ['/a', '/b', '/c']) {
        await signalbox.add(key, backend.url);
        expect((await owner.get(`${key}/`)).status).toBe(200);
      }
      await signalbox.stop();
    });

    it('tells in its access log which routes are used, and that log is left as it is', async () => {
      const backend = await startBackend();
      const { owner, launch } = await makeSidecar(scene, { args: ['--access-log-size', '100KB'] });
      await owner.start();
      const signalbox = await launch();
      await signalbox.add('/user/ada', backend.url);
      // Most of the lines may be of other sites, and of requests that no router is for.
      for (let i = 0; i < 120; i++)
        expect((await owner.get(i % 2 ? '/mine' : '/nobody')).status).toBe(i % 2 ? 418 : 404);
      const before = Date.now();
      for (let i = 0; i < 150; i++) await owner.get(`/user/ada/${i}`);
      const used = async () =>
        (await signalbox.api('GET', '/api/routes/user/ada?stats=1')).json<{
          last_activity: string;
          stats: { requests: number };
        }>();
      await until(async () => (await used()).stats.requests === 150, { what: 'all requests to be counted' });
      expect(Date.parse((await used()).last_activity)).toBeGreaterThan(before);
      expect(readFileSync(owner.accessLog, 'utf8').length).toBeGreaterThan(100_000);
      const { activity } = (await signalbox.api('GET', '/status')).json<{ activity: object }>();
      expect(activity).toMatchObject({ lines: 150, unreadable: 0 });
      expect(signalbox.logs()).not.toContain('--activity-format');
      await signalbox.stop();
    });
  },
  ['traefik'],
);
