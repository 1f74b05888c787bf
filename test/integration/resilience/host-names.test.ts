import { expect } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { freePort } from '../../support/ports.ts';
import { testIf } from '../../support/skip.ts';
import { hostsFile, noOwnHosts, setHosts, withHosts } from '../../support/surroundings/hosts.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, status } from '../scene.ts';

const unable = await noOwnHosts();

describeEachSceneOnce('the host name of a target', ({ start, proxy }) => {
  const { driver } = proxy;
  const itIsSo = unable ? testIf(false, unable) : proxy.differs('moved-host-names');
  itIsSo('is followed when its address moves, and kept at the last one while it does not resolve', async () => {
    const port = await freePort();
    await startBackend({ name: 'two', host: '127.0.0.2', port });
    await startBackend({ name: 'three', host: '127.0.0.3', port });
    const hosts = hostsFile('127.0.0.2 hub.test');
    const signalbox = await start({
      command: [...withHosts(hosts), process.execPath, BIN, 'serve'],
      args: ['--no-pin', '--resolve-interval', '100ms'],
    });
    const served = async () => (await signalbox.get('/user/ada/x')).header('X-Backend');

    await signalbox.add('/user/ada', `http://hub.test:${port}`);
    await signalbox.add('/user/late', `http://late.test:${port}`);
    expect(await served()).toBe('two');
    expect((await signalbox.get('/user/late/')).status).toBe(503);

    const before = await status(signalbox);
    setHosts(hosts, '127.0.0.3 hub.test', '127.0.0.3 late.test');
    await until(async () => (await served()) === 'three', { what: 'the new address' });
    await until(async () => (await signalbox.get('/user/late/')).status === 200, { what: 'the name that came late' });
    const after = await status(signalbox);
    expect(after.generation).toEqual(before.generation);
    if (driver === 'nginx') expect(after.reloads).toBe(before.reloads);
    expect((await signalbox.api('GET', '/api/routes/user/ada')).json()).toMatchObject({
      target: `http://hub.test:${port}`,
    });

    setHosts(hosts);
    await until(() => signalbox.logs().includes('does not resolve; its last address 127.0.0.3 stays'), {
      what: 'a word in the log',
    });
    expect(await served()).toBe('three');
    signalbox.kill('SIGKILL');
    await until(() => signalbox.exit(), { what: 'the daemon to die' });
    await signalbox.restart();
    expect(await served()).toBe('three');
    await signalbox.stop();
    await signalbox.restart();
    expect(await served()).toBe('three');
    setHosts(hosts, '127.0.0.2 hub.test');
    await until(async () => (await served()) === 'two', { what: 'the address after the restart' });
    await signalbox.stop();
  });

  if (driver !== 'traefik') return;
  const itThroughTraefik = testIf(!unable, `${unable}`);
  itThroughTraefik(
    'is looked up for each connection: followed when the old one breaks, 503 while it does not resolve',
    async () => {
      const port = await freePort();
      const two = await startBackend({ name: 'two', host: '127.0.0.2', port });
      await startBackend({ name: 'three', host: '127.0.0.3', port });
      const hosts = hostsFile('127.0.0.2 hub.test');
      const signalbox = await start({ command: [...withHosts(hosts), process.execPath, BIN, 'serve'] });
      const served = async () => (await signalbox.get('/user/ada/x')).header('X-Backend');

      await signalbox.add('/user/ada', `http://hub.test:${port}`);
      await signalbox.add('/user/late', `http://late.test:${port}`);
      expect(await served()).toBe('two');
      expect((await signalbox.get('/user/late/')).status).toBe(503);
      const before = await status(signalbox);
      setHosts(hosts, '127.0.0.3 hub.test', '127.0.0.3 late.test');
      await two.close();
      await until(async () => (await served()) === 'three', { what: 'the new address', timeout: 20_000 });
      await until(async () => (await signalbox.get('/user/late/')).status === 200, { what: 'the name that came late' });
      const after = await status(signalbox);
      expect([after.generation, after.reloads]).toEqual([before.generation, before.reloads]);
      await signalbox.stop();
    },
  );
});
