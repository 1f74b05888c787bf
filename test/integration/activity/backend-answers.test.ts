import { writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Hit } from '../../../src/activity/hit.ts';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { describeEachProxy, type ProxyKind } from '../../support/proxies.ts';
import { connect, rawRequest } from '../../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { testIf } from '../../support/skip.ts';
import { hostsFile, noOwnHosts, withHosts } from '../../support/surroundings/hosts.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { open } from '../../support/ws-client.ts';
import { listen, startRawBackend } from '../proxying/raw-backend.ts';
import { type Observer, observe } from './observer.ts';

/** Status and `answered`. */
type Told = readonly [status: number, answered: boolean | undefined];

interface Case {
  readonly name: string;
  readonly target: string;
  readonly send: (port: number, key: string) => Promise<unknown>;
  readonly nginx: Told;
  /** As nginx unless given. */
  readonly traefik?: Told;
}

const unable = await noOwnHosts();

async function makeCases(): Promise<Case[]> {
  const backend = await startBackend();
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const hangsUp = await startRawBackend((_, socket) => socket.destroy());
  const silent = await startRawBackend(() => undefined);
  const get =
    (path = '/x'): Case['send'] =>
    (port, key) =>
      rawRequest({ port, target: key + path });
  const post: Case['send'] = (port, key) => rawRequest({ port, target: `${key}/x`, method: 'POST', body: 'hello' });
  const leave =
    (head: string, rest = ''): Case['send'] =>
    async (port, key) => {
      const socket = connect({ port });
      socket.write(`${head.replace('KEY', key)} HTTP/1.1\r\nHost: x\r\n${rest}`);
      await delay(200);
      socket.destroy();
    };
  const websocket =
    (path = '/ws'): Case['send'] =>
    async (port, key) => {
      const socket = await open(`ws://127.0.0.1:${port}${key}${path}`).catch(() => undefined);
      socket?.close();
    };
  const sse: Case['send'] = (port, key) =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ port, path: `${key}/sse`, agent: false }, (response) => {
        response.on('error', () => undefined).once('data', () => resolve(request.destroy()));
      });
      request.on('error', reject).end();
    });
  return [
    { name: '200', target: backend.url, send: get(), nginx: [200, true] },
    { name: '404 of the backend', target: backend.url, send: get('/status/404'), nginx: [404, true] },
    { name: '503 of the backend', target: backend.url, send: get('/status/503'), nginx: [503, true] },
    {
      name: '502 of the backend',
      target: backend.url,
      send: get('/status/502'),
      nginx: [502, true],
      // Traefik can't tell it from one of its own: docs/proxies.md.
      traefik: [503, false],
    },
    {
      name: 'an answer that breaks off',
      target: backend.url,
      send: (...to) => get('/drop')(...to).catch(() => undefined),
      nginx: [200, true],
    },
    { name: 'a stream that the client leaves', target: backend.url, send: sse, nginx: [200, true] },
    { name: 'nobody listens', target: nobody, send: get(), nginx: [503, false] },
    { name: 'nobody listens, POST', target: nobody, send: post, nginx: [503, false] },
    { name: 'nobody listens, websocket', target: nobody, send: websocket(), nginx: [503, false] },
    { name: 'hangs up', target: hangsUp.url, send: get(), nginx: [503, false] },
    { name: 'says nothing in time', target: silent.url, send: get(), nginx: [503, false] },
    { name: 'no such host', target: 'http://no-such-name.invalid', send: get(), nginx: [503, false] },
    { name: 'no target', target: 'http://127.0.0.1:99999', send: get(), nginx: [500, false] },
    { name: 'a client that leaves', target: silent.url, send: leave('GET KEY/x', '\r\n'), nginx: [499, undefined] },
    {
      name: 'an upload that breaks off',
      target: backend.url,
      send: leave('POST KEY/upload', 'Content-Length: 1000\r\n\r\nabc'),
      nginx: [400, undefined],
      // 503 mostly, sometimes 499.
      traefik: [Number.NaN, undefined],
    },
    { name: 'a websocket', target: backend.url, send: websocket(), nginx: [101, true] },
    { name: 'a websocket that is refused', target: backend.url, send: websocket('/status/403'), nginx: [403, true] },
  ];
}

/** Everything at once, each on a route of its own. */
async function tellEach(box: Signalbox, driver: ProxyKind): Promise<void> {
  const observer = await observe(box, driver, makeTempDir());
  const cases = await makeCases();
  const found = await Promise.all(
    cases.map(async ({ target, send }, index) => {
      const key = `/case/${index}`;
      await observer.add(key, target);
      await send(box.port, key);
      return only(observer, key);
    }),
  );
  const told = (of: (one: Case, index: number) => Told) =>
    Object.fromEntries(cases.map((one, index) => [one.name, of(one, index)]));
  expect(told((_, index) => [(found[index] as Hit).status, found[index]?.answered])).toEqual(
    told((one, index) => {
      const [status, answered] = driver === 'traefik' ? (one.traefik ?? one.nginx) : one.nginx;
      return [Number.isNaN(status) ? (found[index] as Hit).status : status, answered];
    }),
  );
  for (const [index, { name }] of cases.entries()) {
    const { answered, firstByte } = found[index] as Hit;
    if (answered !== true) expect(firstByte, name).toBeUndefined();
    if (answered === true && driver === 'nginx') expect(firstByte, name).toBeGreaterThanOrEqual(0);
  }

  // What is of no route is about no backend.
  await rawRequest({ port: box.port, target: '/nothing' });
  if (driver === 'nginx') {
    expect(await only(observer, '/')).toMatchObject({ status: 404, answered: undefined, firstByte: undefined });
  }
}

/** The line of the one request to a route. */
async function only(observer: Observer, key: string): Promise<Hit> {
  const hit = await until(
    async () => {
      await observer.read();
      return observer.hits.find((one) => one.key === key);
    },
    { what: `the line of ${key}` },
  );
  expect(observer.hits.filter((one) => one.key === key)).toHaveLength(1);
  return hit;
}

describeEachProxy('through', (proxy) => {
  const { driver } = proxy;
  const start = (...args: string[]) =>
    startSignalbox({ proxy, truth: 'health', args: ['--proxy-timeout', '1s', ...args] });

  test('each line tells whether the backend answered', async () => {
    await tellEach(await start(), driver);
  });

  test('an error page of somebody else is no answer of the backend', async () => {
    const server = createServer((_, response) => response.end('a page'));
    const port = await listen(server);
    onCleanup(() => server.close());
    await tellEach(await start('--error-target', `http://127.0.0.1:${port}/error`), driver);
  });

  if (driver === 'nginx') {
    test('nor is one out of a folder', async () => {
      const folder = makeTempDir();
      writeFileSync(join(folder, '503.html'), 'a page');
      await tellEach(await start('--error-path', folder), driver);
    });

    testIf(unable === undefined, unable ?? '')(
      'of several addresses the one counts that answered, and the time of all',
      async () => {
        const backend = await startBackend();
        const file = hostsFile(...[2, 3, 1].map((last) => `127.0.0.${last} three.test`));
        const command = [...withHosts(file), process.execPath, BIN, 'serve'] as [string, ...string[]];
        const box = await startSignalbox({ proxy, truth: 'health', command });
        const observer = await observe(box, driver, makeTempDir());
        await observer.add('/there', `http://three.test:${backend.port}`);
        await observer.add('/gone', `http://three.test:${await freePort()}`);
        await rawRequest({ port: box.port, target: '/there/slow/300' });
        await rawRequest({ port: box.port, target: '/gone/x' });
        const there = await only(observer, '/there');
        expect(there).toMatchObject({ status: 200, answered: true });
        expect(there.firstByte).toBeGreaterThan(250);
        expect(await only(observer, '/gone')).toMatchObject({ status: 503, answered: false, firstByte: undefined });
      },
    );
  }

  test('the time until the first byte is that of the backend, not of its client or of the rest', async () => {
    const [box, backend] = [await start(), await startBackend()];
    const observer = await observe(box, driver, makeTempDir());
    for (const key of ['/slow', '/stream', '/download', '/head']) await observer.add(key, backend.url);
    const LONG_MS = 1_500;
    await Promise.all([
      rawRequest({ port: box.port, target: '/slow/slow/700' }),
      takesLong(box.port, '/stream/sse', LONG_MS, 'leaves'),
      takesLong(box.port, '/download/bytes/60000000', LONG_MS, 'reads'),
      slowHead(box.port, '/head/x', LONG_MS),
    ]);
    const [slow, stream, download, head] = await Promise.all(
      ['/slow', '/stream', '/download', '/head'].map((key) => only(observer, key)),
    );
    expect(slow?.firstByte).toBeGreaterThan(650);
    expect(head?.firstByte).toBeLessThan(LONG_MS / 2);
    expect(stream?.duration).toBeGreaterThan(LONG_MS - 100);
    expect(download?.duration).toBeGreaterThan(LONG_MS - 100);
    if (driver === 'nginx') {
      expect(stream?.firstByte).toBeLessThan(LONG_MS / 2);
      expect(download?.firstByte).toBeLessThan(LONG_MS / 2);
    } else {
      // Traefik knows the whole answer alone, and nothing of one that broke off.
      expect(stream?.firstByte).toBeUndefined();
      expect(download?.firstByte).toBeGreaterThan(LONG_MS - 100);
    }
  });

  test('answers are counted by class of status, and apart those that no backend gave', async () => {
    const [box, backend] = [await start(), await startBackend()];
    const observer = await observe(box, driver, makeTempDir());
    await observer.add('/user/ada', backend.url);
    await observer.add('/user/bob', backend.url);
    const statuses = [200, 200, 200, 204, 302, 404, 404, 403, 500, 503];
    for (const status of statuses) await rawRequest({ port: box.port, target: `/user/ada/status/${status}` });
    (await open(`ws://127.0.0.1:${box.port}/user/ada/ws`)).close();
    await rawRequest({ port: box.port, target: '/user/bob/x' });
    await backend.close();
    for (let count = 0; count < 3; count++) await rawRequest({ port: box.port, target: '/user/ada/x' });
    await until(
      async () => {
        await observer.read();
        return observer.hits.length === statuses.length + 5;
      },
      { what: 'all lines' },
    );
    const { stats } = observer.tracker;
    expect(stats.statuses('/user/ada')).toEqual({
      informational: 1,
      success: 4,
      redirect: 1,
      clientError: 3,
      serverError: 5,
      unreachable: 3,
    });
    expect(stats.statuses('/user/bob')).toMatchObject({ success: 1, serverError: 0, unreachable: 0 });
  });
});

/** A client that takes the first piece of an answer, waits, and then leaves or reads the rest. */
function takesLong(port: number, path: string, ms: number, then: 'leaves' | 'reads'): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, agent: false }, async (response) => {
      response.on('error', () => undefined).pause();
      await delay(ms);
      if (then === 'leaves') {
        request.destroy();
        resolve();
      } else response.once('end', () => resolve()).resume();
    });
    request.on('error', reject).end();
  });
}

/** A client that takes long to send the head of its request. */
async function slowHead(port: number, path: string, ms: number): Promise<void> {
  const socket = connect({ port });
  socket.write(`GET ${path} HTTP/1.1\r\n`);
  await delay(ms);
  socket.write('Host: x\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve).resume());
}
