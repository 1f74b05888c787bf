import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { startLoad } from '../../support/load.ts';
import { mountSmallDisk, noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, inParallel, isReady } from '../scene.ts';

describeEachSceneOnce(
  'a full disk',
  ({ start }) => {
    it('refuses changes, keeps the old table served, and needs no restart when there is room', async ({ skip }) => {
      if (noSmallDisk) skip(noSmallDisk);
      const backend = await startBackend();
      const disk = mountSmallDisk({ size: 4 << 20 });
      const signalbox = await start({ stateDir: join(disk.path, 'state'), args: ['--no-pin'] });
      await signalbox.add('/steady', backend.url);
      const load = startLoad({ url: signalbox.url, paths: ['/steady/'], connections: 1, pause: 10 });
      disk.leaveBytes(0);
      const statuses: number[] = [];
      await inParallel(2, Array(20).keys(), async (i) => {
        const { status } = await signalbox.api('POST', `/api/routes/user/u${i}`, {
          target: backend.url,
          data: 'x'.repeat(20_000),
        });
        statuses.push(status);
      });
      expect(statuses.filter((status) => status !== 201 && status !== 507 && status !== 503)).toEqual([]);
      expect(statuses).toContain(507);
      disk.makeRoom();
      await signalbox.add('/after', backend.url);
      await until(() => isReady(signalbox), { what: 'ready with room again' });
      expect((await signalbox.get('/after/')).status).toBe(200);
      expect((await load.stop()).failures).toEqual([]);
      await signalbox.stop();
    });
  },
  ['nginx'],
);

const copyOf = (stateDir: string): object => JSON.parse(readFileSync(join(stateDir, 'routes.json'), 'utf8'));

describeEachSceneOnce('a database that is broken at the start', ({ start, proxy: { driver } }) => {
  it('is set aside; the table is that of its copy, and traffic never stops', async () => {
    const [one, two] = [await startBackend({ name: 'one' }), await startBackend({ name: 'two' })];
    const signalbox = await start({ args: ['--no-pin'] });
    const targets: Record<string, string> = {
      '/': one.url,
      '/user/ada': two.url,
      '/user/é "$x"': `${one.url}/base${driver === 'nginx' ? '?k=v' : ''}`,
      [`/${'n'.repeat(300)}`]: two.url,
    };
    const table = Object.fromEntries(Object.entries(targets).map(([key, target]) => [key, { target }]));
    expect((await signalbox.api('PUT', '/api/routes', table)).status).toBe(200);
    const load = startLoad({ url: signalbox.url, paths: ['/x', '/user/ada/'], connections: 2, pause: 5 });
    const proxy = signalbox.proxyPid();
    const kill = async () => {
      process.kill(signalbox.pid, 'SIGKILL');
      await until(() => signalbox.exit(), { what: 'the daemon to die' });
    };
    // A daemon copies the table when it has started.
    await kill();
    await signalbox.restart();
    await until(() => Object.keys(copyOf(signalbox.stateDir)).length === 4, { what: 'the copy' });
    await kill();
    for (const name of readdirSync(signalbox.stateDir).filter((name) => name.startsWith('signalbox.db'))) {
      rmSync(join(signalbox.stateDir, name));
    }
    writeFileSync(join(signalbox.stateDir, 'signalbox.db'), Buffer.alloc(20_000, 'this is no database'));
    await signalbox.restart();
    const routes = (await signalbox.api('GET', '/api/routes')).json<Record<string, { target: string }>>();
    expect(Object.fromEntries(Object.entries(routes).map(([key, { target }]) => [key, target]))).toEqual(targets);
    expect((await signalbox.get('/user/ada/')).header('X-Backend')).toBe('two');
    expect(signalbox.proxyPid()).toBe(proxy);
    expect(readdirSync(signalbox.stateDir).some((name) => name.startsWith('signalbox.db.corrupt-'))).toBe(true);
    expect((await load.stop()).failures).toEqual([]);
    await signalbox.stop();
  });
});
