import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { describeEachProxy, type TestProxy } from '../../support/proxies.ts';
import { connect, type RawRequest, rawRequest } from '../../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { hostileHttpBlock, KEEPS, type Keeps } from '../../support/surroundings/hostile-nginx.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { tlsFlags } from '../boundaries/tls-flags.ts';
import { startNginx } from '../doctor/sidecar.ts';
import { isReady } from '../scene.ts';
import { listen } from './raw-backend.ts';

describeEachProxy(
  'beside an nginx whose http block says otherwise',
  (proxy) => describe.each(KEEPS)('and %s', (keeps) => cases(proxy, keeps)),
  ['nginx'],
);

function cases(proxy: TestProxy, keeps: Keeps): void {
  let box: Signalbox;
  let redirectPort: number;
  let ordinary: string;
  /** What the backend at /odd does with the next request. */
  let handle: Parameters<typeof createServer>[1];

  const ask = (target: string, more: Partial<RawRequest> = {}) =>
    rawRequest({ port: box.port, tls: true, target, ...more });
  const statusOf = async (target: string) => (await ask(target)).status;

  beforeAll(async () => {
    const stateDir = join(makeTempDir(), 'state');
    mkdirSync(stateDir, { mode: 0o711 });
    const odd = createServer({ ...makeCertificate(), maxHeaderSize: 1 << 20 }, (request, response) =>
      handle?.(request, response),
    );
    const oddUrl = `https://127.0.0.1:${await listen(odd)}`;
    onCleanup(() => odd.closeAllConnections());
    onCleanup(() => odd.close());
    ordinary = (await startBackend()).url;
    redirectPort = await freePort();
    const ownPages = createServer(makeCertificate(), (request, response) => response.end(`told ${request.url}`));
    const errorTarget = `https://127.0.0.1:${await listen(ownPages)}`;
    onCleanup(() => ownPages.close());
    box = await startSignalbox({
      proxy,
      stateDir,
      whenReady: false,
      args: [
        ['--no-managed', '--no-pin', '--insecure', '--error-target', errorTarget],
        ['--redirect', `127.0.0.1:${redirectPort}`, ...tlsFlags()],
      ].flat(),
    });
    const config = join(stateDir, 'nginx/current/signalbox.conf');
    await until(() => readFileSync(config), { what: 'our file' });
    const hostile = hostileHttpBlock(proxy.path, keeps);
    const { pidFile } = await startNginx(proxy.path, [], `${hostile}\ninclude ${config};`);
    await box.stop();
    await box.restart(['--nginx-pid-file', pidFile]);
    await until(() => isReady(box), { what: 'Signalbox to find nginx' });
    await box.add('/', ordinary);
    await box.add('/odd', oddUrl);
  });

  // The second one fits no path, and stands in the configuration.
  test.each(['/user/ada', '/user//ada'])(
    'a route is served, led elsewhere and gone by the time of the answer: %s',
    async (key) => {
      await box.remove('/');
      for (const name of ['first', 'second']) {
        const other = await startBackend({ name });
        expect(await statusOf(`${key}/`)).toBe(404);
        await box.add(key, ordinary);
        expect((await ask(`${key}/`)).json()).toMatchObject({ backend: 'backend' });
        await box.add(key, other.url);
        expect((await ask(`${key}/`)).json()).toMatchObject({ backend: name });
        await box.remove(key);
        expect(await statusOf(`${key}/`)).toBe(404);
      }
      await box.add('/', ordinary);
    },
  );

  test('an event arrives before the next one is sent', async () => {
    let events: ServerResponse | undefined;
    handle = (_, response) => {
      events = response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
    };
    const socket = connect({ port: box.port, tls: true });
    onCleanup(() => socket.destroy());
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write('GET /odd HTTP/1.1\r\nHost: x\r\n\r\n');
    for (const event of ['event one', 'event two']) {
      await until(() => events?.write(`data: ${event}\n\n`), { what: 'the request' });
      await until(() => text.includes(event), { what: event });
    }
    expect(text).toMatch(/transfer-encoding: chunked/i);
  });

  test('an upload arrives piece by piece, and nginx is silent in between for as long as the client is', async () => {
    let received = '';
    handle = (request, response) => {
      request.on('data', (chunk) => {
        received += chunk;
      });
      request.on('end', () => response.end('thanks'));
    };
    const socket = connect({ port: box.port, tls: true });
    onCleanup(() => socket.destroy());
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write('POST /odd HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n');
    for (const piece of ['one', 'two']) {
      socket.write(piece);
      await until(() => received.endsWith(piece), { what: `${piece} at the backend` });
    }
    await until(() => text.endsWith('thanks'), { what: 'the answer' });
  });

  test('big bodies pass both ways', async () => {
    const body = randomBytes(4 << 20);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const answer = await ask('/user/ada/upload', { method: 'POST', body });
    expect(answer.json()).toEqual({ bytes: body.length, sha256 });
    expect((await ask(`/bytes/${body.length}`)).body.length).toBe(body.length);
  });

  test('a websocket and a slow answer outlive every time limit', async () => {
    const echo = await openEcho(`wss://127.0.0.1:${box.port}/user/ada/ws-silent`, { insecure: true });
    expect((await ask('/slow/1500')).status).toBe(200);
    expect(echo.report().closes).toEqual([]);
    const talking = await openEcho(`wss://127.0.0.1:${box.port}/user/ada/ws`, { insecure: true });
    await until(() => talking.report().received > 3, { what: 'echoes' });
    expect(await talking.stop()).toMatchObject({ lost: 0, reconnects: 0 });
  });

  test('headers and body pass as they are, to the backend and back', async () => {
    const page = '<html><!--#echo var="uri" -->\xff</html>';
    let came: string[] = [];
    handle = (request, response) => {
      came = request.rawHeaders;
      const headers = {
        ETag: '"strong"',
        'Last-Modified': 'Tue, 01 Jan 2030 00:00:00 GMT',
        'Cache-Control': 'no-store',
        'Set-Cookie': 'a=b; Domain=hub.example; Path=/user/ada/',
        Location: 'http://somewhere.example/x',
      };
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': page.length, ...headers });
      response.end(page, 'latin1');
    };
    const long = 'x'.repeat(30_000);
    const answer = await ask('/odd//page.html', {
      headers: [
        ['Host', 'hub.example'],
        ['Accept-Encoding', 'gzip'],
        ['Under_score', long],
      ],
    });
    expect(answer.status).toBe(200);
    expect(answer.body.toString('latin1')).toBe(page);
    const lines = answer.headers.map(([name, value]) => `${name}: ${value}`);
    expect(lines.filter((line) => !/^(?:date|connection|keep-alive):/i.test(line)).sort()).toEqual([
      'Cache-Control: no-store',
      `Content-Length: ${page.length}`,
      'Content-Type: text/html',
      'ETag: "strong"',
      'Last-Modified: Tue, 01 Jan 2030 00:00:00 GMT',
      'Location: http://somewhere.example/x',
      'Set-Cookie: a=b; Domain=hub.example; Path=/user/ada/',
    ]);
    expect(came).toEqual(expect.arrayContaining(['hub.example', 'Accept-Encoding', 'gzip', 'Under_score', long]));
  });

  test('HEAD, a range and "not modified" are the backend\'s', async () => {
    const methods: (string | undefined)[] = [];
    handle = (request, response) => {
      methods.push(request.method);
      if (request.headers['if-none-match']) response.writeHead(304, { ETag: '"x"' }).end();
      else
        response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': 10, ETag: '"x"' }).end('0123456789');
    };
    const head = await ask('/odd', { method: 'HEAD' });
    expect([head.status, head.header('Content-Length')]).toEqual([200, '10']);
    const whole = await ask('/odd', { headers: [['Range', 'bytes=2-4']] });
    expect([whole.status, whole.text()]).toEqual([200, '0123456789']);
    const same = await ask('/odd', { headers: [['If-None-Match', '"x"']] });
    expect([same.status, same.header('ETag')]).toEqual([304, '"x"']);
    expect(methods).toEqual(['HEAD', 'GET', 'GET']);
  });

  test.each([400, 404, 500, 503])("a backend's own page of status %i passes", async (code) => {
    const answer = await ask(`/user/ada/status/${code}`);
    expect([answer.status, answer.text()]).toEqual([code, `status ${code}`]);
  });

  test('pages of the error target come, with the right status', async () => {
    await box.add('/dead', `http://127.0.0.1:${await freePort()}`);
    const answer = await ask('/dead/x');
    expect([answer.status, answer.text()]).toEqual([503, 'told /503?url=/dead/x']);
  });

  test('HTTP is redirected to HTTPS, a long URL too', async () => {
    const target = `/user/ada/?${'q'.repeat(5_000)}`;
    const answer = await rawRequest({ port: redirectPort, target, headers: [['Host', 'hub.example']] });
    expect([answer.status, answer.header('Location')]).toEqual([301, `https://hub.example:${box.port}${target}`]);
  });

  test('a connection stays open from one request to the next', async () => {
    const answer = await ask('/', { headers: [['Connection', 'keep-alive']] });
    expect(answer.keepAlive).toBe(true);
  });

  test('a request counts as activity, once', async () => {
    await box.add('/counted', ordinary);
    const began = Date.now();
    await ask('/counted/x');
    type Entry = { last_activity: string; stats: { requests: number } };
    const entry = async () => (await box.api('GET', '/api/routes/counted?stats=1')).json<Entry>();
    await until(async () => (await entry()).stats.requests > 0, { what: 'the request to count' });
    expect((await entry()).stats.requests).toBe(1);
    expect(Date.parse((await entry()).last_activity)).toBeGreaterThanOrEqual(began - 1);
  });
}
