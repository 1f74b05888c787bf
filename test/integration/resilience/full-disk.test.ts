import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { mountSmallDisk, noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, isReady, status } from '../scene.ts';

describeEachSceneOnce('a daemon that starts on a full disk', ({ start, proxy: { driver } }) => {
  async function scene(signal: NodeJS.Signals) {
    const backend = await startBackend();
    const disk = mountSmallDisk();
    const signalbox = await start({ stateDir: join(disk.path, 'state'), args: ['--no-pin'], whenReady: false });
    await signalbox.add('/steady', backend.url);
    await signalbox.stop(signal);
    disk.leaveBytes(0);
    disk.leaveInodes(signal === 'SIGKILL' ? 0 : 50);
    await signalbox.restart();
    const makeRoom = async () => {
      disk.makeRoom();
      await until(() => isReady(signalbox), { what: 'ready with room again', timeout: 30_000 });
      // A depth that was not in use before: a new configuration of nginx.
      await signalbox.add('/a/b/c/d/e', backend.url);
      for (const path of ['/steady/', '/a/b/c/d/e/']) expect((await signalbox.get(path)).status).toBe(200);
      await signalbox.stop();
    };
    return { signalbox, makeRoom };
  }

  it('takes over the proxy that an earlier one left', async ({ skip }) => {
    if (noSmallDisk) skip(noSmallDisk);
    const { signalbox, makeRoom } = await scene('SIGKILL');
    await until(() => isReady(signalbox), { what: 'ready on a full disk' });
    expect((await signalbox.get('/steady/')).status).toBe(200);
    await makeRoom();
  });

  it('reads its table, says what a proxy lacks that is down, and starts it when there is room', async ({ skip }) => {
    if (noSmallDisk) skip(noSmallDisk);
    const { signalbox, makeRoom } = await scene('SIGTERM');
    expect((await signalbox.api('GET', '/api/routes/steady')).status).toBe(200);
    const lastError = async () => (await status(signalbox)).lastError?.message ?? '';
    // Traefik needs no room for its start.
    if (driver === 'traefik') await until(() => isReady(signalbox), { what: 'ready on a full disk' });
    else await until(async () => /no room is left in \S*\/state/.test(await lastError()), { what: 'the reason' });
    await makeRoom();
  });
});

describeEachSceneOnce('a template that changes while the disk is full', ({ start, proxy: { driver } }) => {
  const name = driver === 'nginx' ? 'snippets/server.conf' : 'snippets/routers.yml';
  /** Has the proxy answer /ROUND itself. */
  const answering = (round: string) =>
    driver === 'nginx'
      ? `location = /${round} { return 200; }\n`
      : `    mine:\n      rule: Path(\`/${round}\`)\n      priority: 3000000\n      entryPoints: ["public"]\n      service: ping@internal\n`;

  it('is taken up by itself when there is room, and inodes, again', async ({ skip }) => {
    if (noSmallDisk) skip(noSmallDisk);
    const templates = makeTempDir();
    const file = join(templates, driver, name);
    mkdirSync(dirname(file), { recursive: true });
    const backend = await startBackend();
    const disk = mountSmallDisk();
    const args = ['--no-pin', '--templates', templates];
    const signalbox = await start({ stateDir: join(disk.path, 'state'), args });
    await signalbox.add('/steady', backend.url);
    for (const [round, fill] of Object.entries({
      bytes: () => disk.leaveBytes(0),
      inodes: () => disk.leaveInodes(0),
    })) {
      const before = signalbox.logs().length;
      fill();
      writeFileSync(file, answering(round));
      await until(() => /no room is left|no space left/i.test(signalbox.logs().slice(before)), {
        what: 'the reason',
      });
      expect((await signalbox.get('/steady/')).status).toBe(200);
      disk.makeRoom();
      const isServed = async () => (await signalbox.get(`/${round}`)).status === 200 && (await isReady(signalbox));
      await until(isServed, { what: `the template to be taken up (${round})`, timeout: 30_000 });
    }
    await signalbox.stop();
  });
});
