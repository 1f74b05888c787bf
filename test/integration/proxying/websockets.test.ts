import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Backend, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { headerOf } from '../../support/http-response.ts';
import { freePort } from '../../support/ports.ts';
import { connect, rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { open, openEcho } from '../../support/ws-client.ts';
import { describeCombinations } from './combinations.ts';

const HANDSHAKE: [string, string][] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

describeCombinations(({ start, driver, differs, otherwise }) => {
  let box: Signalbox;
  let plain: Backend;
  let other: Backend;
  const wsUrl = (path: string) => `ws://127.0.0.1:${box.port}${path}`;

  beforeAll(async () => {
    const folder = makeTempDir();
    const tls = makeCertificate();
    writeFileSync(join(folder, 'ca.pem'), tls.cert, { mode: 0o644 });
    plain = await startBackend({ name: 'plain' });
    other = await startBackend({ name: 'other' });
    const secure = await startBackend({ tls });
    const socketPath = join(folder, 'backend.sock');
    const unix = await startBackend({ socketPath });
    // nginx's workers may be another user than the backend's, and connecting takes write permission (unix(7)).
    chmodSync(socketPath, 0o666);
    const routes = {
      '/': plain.url,
      '/user/ada': plain.url,
      '/prefix': `${plain.url}/base`,
      '/tls': `https://localhost:${secure.port}`,
      ...(driver === 'nginx' ? { '/unix': `${unix.url}/base` } : {}),
      '/dead': `http://127.0.0.1:${await freePort()}`,
    };
    box = await start(routes, '--client-ssl-ca', join(folder, 'ca.pem'));
  });

  describe('a websocket opens and carries text and binary frames', () => {
    test.each([
      ['on the root route', '/'],
      ['on a route', '/user/ada'],
      ['below a route', '/user/ada/api/kernels/1/channels?session_id=x'],
      ['to a target with a path', '/prefix/ws'],
      ['to an https backend', '/tls/ws'],
      ...(driver === 'nginx' ? [['to a unix socket', '/unix/ws']] : []),
    ])('%s', async (_, path) => {
      const socket = await open(wsUrl(path));
      const binary = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
      for (const frame of ['', 'grüße 🚂', 'x'.repeat(1_000_000), Buffer.alloc(0), binary]) {
        const came = once(socket, 'message');
        socket.send(frame);
        const [data, isBinary] = (await came) as [Buffer, boolean];
        expect(isBinary).toBe(typeof frame !== 'string');
        expect(data.equals(Buffer.from(frame))).toBe(true);
      }
      const closed = once(socket, 'close');
      socket.close(4321, 'bye');
      expect((await closed)[0]).toBe(4321);
    });
  });

  test('the backend sees the handshake as it was sent, with ws as the protocol', async () => {
    const socket = new WebSocket(wsUrl('/user/ada/handshake?a=b%2Fc'), ['v1.kernel', 'v2.kernel'], {
      headers: { Origin: 'http://hub.example', Cookie: 'a=b' },
    });
    await once(socket, 'open');
    expect(socket.protocol).toBe('v1.kernel');
    socket.terminate();
    const seen = plain.seen.find(({ url }) => url === '/user/ada/handshake?a=b%2Fc');
    const header = (name: string) => headerOf(seen?.headers ?? [], name);
    expect(header('Host')).toBe(`127.0.0.1:${box.port}`);
    expect(header('Upgrade')).toBe('websocket');
    expect(header('Connection')?.toLowerCase()).toBe('upgrade');
    expect(header('Sec-WebSocket-Protocol')).toBe('v1.kernel,v2.kernel');
    expect(header('Origin')).toBe('http://hub.example');
    expect(header('Cookie')).toBe('a=b');
    expect(header('X-Forwarded-Proto')).toBe('ws');
    expect(header('X-Forwarded-For')).toBe('127.0.0.1');
    expect(header('X-Forwarded-Port')).toBe(String(box.port));
    // As with CHP; Traefik sets it for every request.
    expect(header('X-Forwarded-Host')).toBe(driver === 'nginx' ? undefined : `127.0.0.1:${box.port}`);
  });

  differs('x-forwarded-appended')(
    'behind another proxy the protocol is appended and its X-Forwarded-Host stays',
    async () => {
      const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'hub.example' };
      (await open(wsUrl('/user/ada/behind'), { headers })).terminate();
      const seen = plain.seen.find(({ url }) => url === '/user/ada/behind');
      expect(headerOf(seen?.headers ?? [], 'X-Forwarded-Proto')).toBe('https,ws');
      expect(headerOf(seen?.headers ?? [], 'X-Forwarded-Host')).toBe('hub.example');
    },
  );

  test('the word websocket counts in any case', async () => {
    const headers: [string, string][] = HANDSHAKE.map(([name, value]) => [
      name,
      name === 'Upgrade' ? 'WebSocket' : value,
    ]);
    expect((await box.get('/user/ada', headers)).status).toBe(101);
  });

  differs('early-frames')('a frame sent together with the handshake is not lost', async () => {
    const socket = connect({ port: box.port });
    const lines = [['Host', 'x'], ...HANDSHAKE].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    // A masked text frame `hi` with the key 0 (RFC 6455 section 5.2).
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    socket.write(Buffer.concat([Buffer.from(`GET /user/ada HTTP/1.1\r\n${lines}\r\n`), frame]));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    await until(() => text.endsWith('\x81\x02hi'), { what: 'the echo', timeout: 3_000 });
    socket.destroy();
  });

  const notOurs = otherwise('upgrades') ? ['h2c'] : ['h2c', 'TLS/1.0', 'websocket2', 'h2c, websocket'];
  test.each(notOurs)('an upgrade to %s is not one', async (protocol) => {
    const answer = await box.get('/user/ada', [
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['Upgrade', protocol],
      ['HTTP2-Settings', 'AAMAAABkAAQCAAAAAAIAAAAA'],
    ]);
    expect(answer.status).toBe(200);
    const { headers } = answer.json<{ headers: [string, string][] }>();
    expect(headerOf(headers, 'Upgrade')).toBeUndefined();
    expect(headerOf(headers, 'Connection') ?? '').not.toMatch(/upgrade/i);
  });

  test("a backend's refusal of the upgrade passes, body and all", async () => {
    const answer = await box.get('/user/ada/status/403', HANDSHAKE);
    expect(answer).toMatchObject({ status: 403, complete: true });
    expect(answer.text()).toBe('refused by plain');
    expect(answer.header('X-Backend')).toBe('plain');
  });

  test('a websocket to a dead backend is answered with 503', async () => {
    expect((await box.get('/dead', HANDSHAKE)).status).toBe(503);
  });

  test('the backend may talk while the client is silent', async () => {
    const socket = await open(wsUrl('/user/ada/ws-talk'));
    let ticks = 0;
    socket.on('message', () => ticks++);
    await until(() => ticks >= 5, { what: 'five ticks' });
    socket.terminate();
  });

  test('established sockets survive change and removal of their route; the next request uses the new table', async () => {
    await box.add('/user/eve', plain.url);
    const echo = await openEcho(wsUrl('/user/eve/ws'), { interval: 10 });
    await box.add('/user/eve', other.url);
    expect((await box.get('/user/eve')).header('X-Backend')).toBe('other');
    await box.remove('/user/eve');
    expect((await box.get('/user/eve')).header('X-Backend')).toBe('plain');
    const { sent } = echo.report();
    await until(() => echo.report().received > sent + 10, { what: 'ten more echoes' });
    expect(await echo.stop()).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0 });
  });

  test('when the backend goes, its client is told', async () => {
    const short = await startBackend();
    await box.add('/short', short.url);
    const socket = await open(wsUrl('/short/ws'));
    const closed = once(socket, 'close');
    await short.close();
    expect((await closed)[0]).toBe(1006);
    await until(async () => (await rawRequest({ port: box.port, target: '/short' })).status === 503, { what: '503' });
  });
});
