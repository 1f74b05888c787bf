import { expect, test } from 'vitest';
import { describeEachProxy } from './each-proxy.ts';
import { startHub } from './hub.ts';

describeEachProxy('internal_ssl', ['signalbox-beside', 'signalbox-chp', 'traefik-chp', 'chp'], (proxy) => {
  test("reaches the Hub and the servers with the Hub's own certificates", async () => {
    const hub = await startHub({ proxy, internalSsl: true });
    const ada = await hub.logIn('ada');
    const server = await ada.spawn();
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('1+1')).toBe('2');
  });
});
