import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseAll } from '../../support/cleanup.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';

describeEachProxy('internal_ssl', ['signalbox-beside', 'signalbox-chp', 'chp'], (proxy) => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub({ proxy, internalSsl: true });
  });
  afterAll(releaseAll);

  test("reaches the Hub and the servers with the Hub's own certificates", async () => {
    const ada = await hub.logIn('ada');
    const server = await ada.spawn();
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('1+1')).toBe('2');
  });
});
