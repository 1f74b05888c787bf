import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBackend } from '../support/backend.ts';
import { makeCertificate } from '../support/certificate.ts';
import { startLoad } from '../support/load.ts';
import { freePort, isPortFree } from '../support/ports.ts';
import { runProcess, startProcess } from '../support/process.ts';
import { descendants, isAlive } from '../support/process-tree.ts';
import { rawRequest } from '../support/raw-http.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { open, openEcho } from '../support/ws-client.ts';

// The tools that all other tests trust: a load generator that sees no failures is of use only if it would see one.

test('the raw client sends a target byte for byte, and the backend shows it', async () => {
  const backend = await startBackend({ name: 'one' });
  const target = '/a//b/../%2e/"<>{}`\\|^?q=%zz';
  const answer = await rawRequest({
    port: backend.port,
    target,
    headers: [
      ['X-Twice', '1'],
      ['x-twice', '2'],
    ],
  });
  expect(answer.status).toBe(200);
  expect(answer.header('x-backend')).toBe('one');
  expect(answer.json()).toMatchObject({ backend: 'one', method: 'GET', url: target });
  expect(backend.seen[0]?.headers).toEqual(
    expect.arrayContaining([
      ['X-Twice', '1'],
      ['x-twice', '2'],
    ]),
  );
});

test('the backend answers as the end of the path says', async () => {
  const backend = await startBackend();
  const get = (target: string, body?: string) =>
    rawRequest({ port: backend.port, target, ...(body ? { method: 'POST', body } : {}) });
  expect((await get('/user/x/status/418')).status).toBe(418);
  expect((await get('/status/204')).body).toHaveLength(0);
  expect((await get('/user/x/bytes/200000')).body).toHaveLength(200_000);
  expect((await get('/chunked')).text()).toBe('one two three');
  expect((await get('/headers/20000')).header('x-big')).toHaveLength(20_000);
  expect((await get('/upload', 'abc')).json()).toMatchObject({ bytes: 3, sha256: expect.stringMatching(/^ba7816bf/) });
  expect(await get('/drop')).toMatchObject({ status: 200, complete: false });
  expect((await get('/close-idle')).text()).toBe('closing');
  const slow = performance.now();
  await get('/slow/50');
  expect(performance.now() - slow).toBeGreaterThan(45);
});

test('a backend can listen on https and on a unix socket', async () => {
  for (const listen of [{ tls: makeCertificate() }, { socketPath: join(makeTempDir(), 'backend.sock') }]) {
    const backend = await startBackend(listen);
    const answer = await rawRequest({ ...listen, tls: 'tls' in listen, port: backend.port, target: '/x' });
    expect(answer.json()).toMatchObject({ url: '/x' });
  }
});

test('a backend can listen on IPv6', async ({ skip }) => {
  skip(!(await isPortFree(0, '::1')), 'this machine has no ::1');
  const backend = await startBackend({ host: '::1' });
  expect(backend.url).toBe(`http://[::1]:${backend.port}`);
  expect((await rawRequest({ host: '::1', port: backend.port, target: '/x' })).status).toBe(200);
});

test('the load generator counts failures and gaps, and forgives only a connection that was closed while idle', async () => {
  const backend = await startBackend();
  const good = startLoad({ url: backend.url, paths: ['/a', '/bytes/100000'], connections: 2 });
  await until(() => backend.counts.requests > 50, { what: 'some load' });
  expect(await good.stop()).toMatchObject({ failed: 0, retried: 0 });

  const bad = startLoad({ url: backend.url, paths: ['/status/502', '/drop'], connections: 1, pause: 1 });
  await until(() => backend.seen.at(-1)?.url === '/drop', { what: 'a cut answer' });
  const report = await bad.stop();
  expect(new Set(report.failures.map(({ what }) => what))).toEqual(new Set(['status 502', 'cut off']));
  expect(report.failed).toBe(report.requests);

  const closing = startLoad({ url: backend.url, paths: ['/close-idle'], connections: 1, pause: 5 });
  await until(() => backend.seen.filter(({ url }) => url === '/close-idle').length > 5, { what: 'closed connections' });
  expect(await closing.stop()).toMatchObject({ failed: 0 });

  await backend.close();
  const refused = startLoad({
    url: backend.url,
    paths: ['/'],
    connections: 1,
    until: AbortSignal.timeout(50),
    pause: 5,
  });
  const { failed, maxGap, failures } = await refused.done;
  expect(failed).toBeGreaterThan(0);
  expect(failures[0]?.what).toContain('ECONNREFUSED');
  expect(maxGap).toBeGreaterThan(40);
});

test('the echo client sees every frame come back, and counts a connection that broke', async () => {
  const backend = await startBackend();
  const url = backend.url.replace('http', 'ws');
  const client = await openEcho(`${url}/any/path`, { interval: 5 });
  await until(() => client.report().received > 10, { what: 'echoes' });
  expect(backend.counts.websockets).toBe(1);
  expect(await client.stop()).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0, closes: [] });

  const port = await freePort();
  const first = await startBackend({ port });
  const broken = await openEcho(`ws://127.0.0.1:${port}/`, { interval: 5 });
  await first.close();
  await startBackend({ port });
  await until(() => broken.report().reconnects === 1, { what: 'a reconnect' });
  await until(() => broken.report().received > 0, { what: 'echoes from the new connection' });
  expect((await broken.stop()).closes).toHaveLength(1);
});

test('websockets can be silent, talk by themselves, or be refused', async () => {
  const backend = await startBackend();
  const url = backend.url.replace('http', 'ws');
  const talking = await open(`${url}/ws-talk`);
  expect(String((await once(talking, 'message'))[0])).toBe('tick');
  const silent = await open(`${url}/ws-silent`);
  silent.send('hello');
  expect(silent.readyState).toBe(WebSocket.OPEN);
  await expect(open(`${url}/status/403`)).rejects.toThrow('403');
});

test('processes are started, watched, and ended with what they started', async () => {
  const script = "require('node:child_process').spawn('sleep', ['60']); console.log('up'); setInterval(() => {}, 1000)";
  const child = startProcess(process.execPath, ['-e', script]);
  await child.waitForOutput(/up/);
  const [grandchild] = await until(() => descendants(child.pid), { what: 'a descendant' });
  expect(grandchild?.command).toBe('sleep 60');
  process.kill(grandchild?.pid ?? 0);
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(isAlive(child.pid)).toBe(false);
  await expect(startProcess('no-such-program', []).waitForOutput(/x/)).rejects.toThrow('ENOENT');
  expect(await runProcess(process.execPath, ['-p', '6 * 7'])).toMatchObject({ code: 0, stdout: '42\n' });
});

test('free ports are free, taken ones are not', async () => {
  const port = await freePort();
  expect(await isPortFree(port)).toBe(true);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await isPortFree(port)).toBe(false);
  server.close();
});
