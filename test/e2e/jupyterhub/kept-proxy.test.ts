import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseAll } from '../../support/cleanup.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';
import type { Kernel } from './kernel.ts';
import type { User } from './user.ts';

describeEachProxy('a proxy that is kept', ['signalbox-beside', 'signalbox-sidecar', 'traefik-beside'], (proxy) => {
  let hub: Hub;
  let ada: User;
  let server: URL;
  let kernel: Kernel;
  beforeAll(async () => {
    hub = await startHub({
      proxy,
      settings: { 'JupyterHub.cleanup_servers': false, 'JupyterHub.cleanup_proxy': false },
    });
    ada = await hub.logIn('ada');
    server = await ada.spawn();
    kernel = await ada.startKernel(server);
    await kernel.run('n = 40; n');
  });
  afterAll(releaseAll);

  test('serves users while the Hub is down, and when it is back', async () => {
    const routes = await hub.routes();
    await hub.stop();
    expect(await kernel.run('n + 1')).toBe('41');
    expect((await ada.browser.fetch('GET', new URL('api/status', server))).status).toBe(200);
    expect((await hub.get('/hub/login')).status).toBe(503);

    await hub.start();
    expect(await kernel.run('n + 2')).toBe('42');
    expect((await ada.servers())['']?.ready).toBe(true);
    expect(targets(await hub.routes())).toEqual(targets(routes));
  });

  test('serves users while Signalbox is killed, and gets along with the Hub when it is back', async () => {
    await hub.signalbox?.stop('SIGKILL');
    expect(await kernel.run('n + 3')).toBe('43');
    await hub.signalbox?.restart();
    expect(await kernel.run('n + 4')).toBe('44');
    expect(kernel.socket.readyState).toBe(kernel.socket.OPEN);
    await ada.stop();
    expect(Object.keys(await hub.routes())).toEqual(['/']);
  });
});

function targets(routes: Readonly<Record<string, { readonly target: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(routes).map(([key, { target }]) => [key, target]));
}
