import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseAll } from '../../support/cleanup.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';

describeEachProxy('subdomain_host', ['signalbox-beside', 'signalbox-chp', 'traefik-beside', 'chp'], (proxy) => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub({ proxy, host: 'jhub.test' });
  });
  afterAll(releaseAll);

  test('gives each user a host of their own', async () => {
    const ada = await hub.logIn('ada');
    const server = await ada.spawn();
    expect(server.host).toBe(`ada.jhub.test:${hub.port}`);
    expect(Object.keys(await hub.routes())).toContain('/ada.jhub.test/user/ada');
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('1+1')).toBe('2');
  });

  test("shows nothing of a user's server at another host", async () => {
    const elsewhere = await hub.get('/user/ada/api/status');
    expect(elsewhere.status).toBe(302);
    expect(elsewhere.header('location')).toContain('/hub/user/ada/api/status');
  });
});
