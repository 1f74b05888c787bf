import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import { connect, rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until, within } from '../../support/wait.ts';
import { describeEachSceneOnce } from '../scene.ts';
import { tlsFlags } from './tls-flags.ts';

/** The first bytes of a TLS handshake that goes no further. */
const CLIENT_HELLO = Buffer.from('16030100a1010000', 'hex');

describeEachSceneOnce('what scanners and health checks send', ({ start, proxy }) => {
  let plain: Signalbox;
  let secure: Signalbox;
  let redirectPort: number;

  beforeAll(async () => {
    const backend = await startBackend();
    redirectPort = await freePort();
    plain = await start({ truth: 'health' });
    secure = await start({ truth: 'health', args: [...tlsFlags(), '--redirect', `127.0.0.1:${redirectPort}`] });
    for (const box of [plain, secure]) await box.add('/counted', backend.url);
  });

  /** Sends bytes, ends, and waits until the other side has done so, too. */
  async function sendAndEnd(port: number, bytes: string | Buffer): Promise<void> {
    const socket = connect({ port });
    socket.on('error', () => undefined).resume();
    socket.end(bytes);
    await within(10_000, 'the end of a connection', once(socket, 'close'));
  }

  test('is no line in our log, and none of its own that cannot be read', async () => {
    for (const port of [plain.port, secure.port, redirectPort]) {
      for (const bytes of [
        '',
        'GARBAGE\r\n\r\n',
        'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET / HTTP/1.1\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: a:b:c\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\n',
        CLIENT_HELLO,
      ]) {
        await sendAndEnd(port, bytes);
      }
    }
    const handshake = connectTls({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(handshake, 'secureConnect');
    handshake.end();
    await once(handshake, 'close');

    for (const [box, tls] of [
      [plain, false],
      [secure, true],
    ] as const) {
      // Behind all that, one that counts.
      await rawRequest({ port: box.port, tls, target: '/counted' });
      const requests = async () =>
        (await box.api('GET', '/api/routes/counted?stats=1')).json<{ stats: { requests: number } }>().stats.requests;
      await until(async () => (await requests()) === 1, { what: 'the log to be read' });
      // Traefik notes what no router of a route answered; that line is nobody's.
      if (proxy.driver === 'nginx') {
        expect((await box.api('GET', '/status')).json()).toMatchObject({ activity: { unreadable: 0 } });
      }
      await box.stop();
      expect(
        box
          .logs()
          .split('\n')
          .filter((line) => /"level":"(?:warn|error|fatal)"/.test(line)),
      ).toEqual([]);
    }
  });
});
