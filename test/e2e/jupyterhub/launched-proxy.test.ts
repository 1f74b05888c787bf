import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseAll } from '../../support/cleanup.ts';
import { isPortFree } from '../../support/ports.ts';
import { descendants, isAlive } from '../../support/process-tree.ts';
import { until } from '../../support/wait.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';
import type { User } from './user.ts';

describeEachProxy('a proxy that the Hub launches', ['signalbox-chp', 'traefik-chp', 'chp'], (proxy) => {
  let hub: Hub;
  let ada: User;
  let server: URL;
  beforeAll(async () => {
    const settings = {
      'JupyterHub.cleanup_servers': false,
      'JupyterHub.cleanup_proxy': false,
      'ConfigurableHTTPProxy.check_running_interval': 1,
    };
    hub = await startHub({ proxy, settings });
    ada = await hub.logIn('ada');
    server = await ada.spawn();
  });
  afterAll(releaseAll);

  /** A page of the user's server, also by way of a new kernel websocket. */
  async function expectServed(): Promise<void> {
    // The table shows a route as soon as it was asked for, which is before the Hub hears that it is served.
    const isServed = async () => (await ada.browser.fetch('GET', new URL('api/status', server))).status === 200;
    await until(isServed, { what: "the user's server to be served" });
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('1+1')).toBe('2');
  }

  test('is brought back on the same ports after a SIGKILL, with its routes', async () => {
    const killed = hub.proxyPid() ?? -1;
    process.kill(killed, 'SIGKILL');
    await until(() => ![killed, undefined].includes(hub.proxyPid()), { what: 'the Hub to start its proxy again' });
    await until(async () => Object.keys(await hub.routes()).length === 2, { what: 'the routes to be put back' });
    await expectServed();
  });

  test('makes room for its successor when the Hub comes back', async () => {
    const before = hub.proxyPid() ?? -1;
    await hub.stop();
    expect(isAlive(before)).toBe(true);
    await hub.start();
    expect(isAlive(before)).toBe(false);
    await until(async () => Object.keys(await hub.routes()).length === 2, { what: 'the routes to be put back' });
    await expectServed();
  });

  test('is gone with all of its own within a second of a SIGTERM', async () => {
    await ada.stop();
    const pid = hub.proxyPid() ?? -1;
    const all = [pid, ...descendants(pid).map((one) => one.pid)];
    await hub.stop();
    process.kill(pid, 'SIGTERM');
    // The ports, too: a process whose first thread has ended may hold them a moment longer.
    const isGone = async () => !all.some(isAlive) && (await isPortFree(hub.port)) && (await isPortFree(hub.apiPort));
    await until(isGone, { timeout: 1_000, what: 'the proxy and its ports to be gone' });
  });
});
