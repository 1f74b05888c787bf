import { expect, test } from 'vitest';
import { describeEachProxy } from './each-proxy.ts';
import { startHub } from './hub.ts';

/**
 * The certificates name 127.0.0.1 as an address (iPAddress), and nginx's proxy_ssl_verify compares names (dNSName) only:
 * `upstream SSL certificate does not match "127.0.0.1"`. Take the line out when Signalbox knows a way.
 */
const fault = 'known fault: nginx does not compare the addresses in the certificates of the Hub';

describeEachProxy('internal_ssl', ['signalbox-beside', 'signalbox-chp', 'chp'], (proxy) => {
  test("reaches the Hub and the servers with the Hub's own certificates", async ({ skip }) => {
    skip(proxy !== 'chp', fault);
    const hub = await startHub({ proxy, internalSsl: true });
    const ada = await hub.logIn('ada');
    const server = await ada.spawn();
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('1+1')).toBe('2');
  });
});
