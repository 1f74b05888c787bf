import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { describeEachProxy } from '../../support/proxies.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { open } from '../../support/ws-client.ts';
import { type Observer, observe } from './observer.ts';

/** Looks until a route has so many open. */
function untilOpen({ tracker }: Observer, key: string, count: number): Promise<unknown> {
  return until(
    async () => {
      await tracker.look();
      return tracker.open(key) === count;
    },
    { what: `${count} open on ${key}` },
  ).catch((error) => {
    throw new Error(`${tracker.open(key)} open`, { cause: error });
  });
}

/** An upload that goes on until it is ended. */
function upload(port: number, path: string): { end(): Promise<unknown> } {
  const request = httpRequest({ port, path, method: 'POST', agent: false });
  const answered = new Promise((resolve, reject) => {
    request.on('error', reject).on('response', (response) => response.resume().once('end', () => resolve(undefined)));
  });
  onCleanup(() => request.destroy());
  request.write('some of it');
  return {
    end() {
      request.end();
      return answered;
    },
  };
}

describeEachProxy('through', (proxy) => {
  const { driver } = proxy;

  test('a websocket counts as open, and no longer when it has closed', async () => {
    const [box, backend, other] = [
      await startSignalbox({ proxy, truth: 'health' }),
      await startBackend(),
      await startBackend(),
    ];
    const observer = await observe(box, driver, makeTempDir());
    await observer.add('/user/ada', backend.url);
    await observer.add('/user/bob', other.url);
    const url = `ws://127.0.0.1:${box.port}/user/ada`;
    const sockets = [await open(`${url}/ws`), await open(`${url}/ws-silent`)];
    await untilOpen(observer, '/user/ada', 2);
    expect(observer.tracker.open('/user/bob')).toBe(0);
    expect(observer.tracker.openTotal()).toBe(2);
    sockets[0]?.close();
    await untilOpen(observer, '/user/ada', 1);
    sockets[1]?.terminate();
    await untilOpen(observer, '/user/ada', 0);
    expect(observer.tracker.openRoutes()?.size).toBe(0);
  });

  test('an upload counts as open, a download does not; of a proxy that mixes connections all do', async () => {
    const [box, backend, other] = [
      await startSignalbox({ proxy, truth: 'health' }),
      await startBackend(),
      await startBackend(),
    ];
    const observer = await observe(box, driver, makeTempDir());
    await observer.add('/user/ada', backend.url);
    await observer.add('/user/bob', other.url);
    const sent = upload(box.port, '/user/ada/upload');
    await untilOpen(observer, '/user/ada', 1);

    const stream = httpRequest({ port: box.port, path: '/user/bob/sse', agent: false }, (response) => {
      response.on('error', () => undefined).resume();
    });
    stream.on('error', () => undefined).end();
    onCleanup(() => stream.destroy());
    await until(() => other.counts.sockets === 1, { what: 'the stream' });
    await untilOpen(observer, '/user/bob', driver === 'nginx' ? 0 : 1);

    await sent.end();
    // Traefik keeps the connection for the next request.
    await untilOpen(observer, '/user/ada', driver === 'nginx' ? 0 : 1);
  });

  test('what moved a last activity is told: adding, a request, data on a websocket, and the store after a restart', async () => {
    const [box, backend, dir] = [await startSignalbox({ proxy, truth: 'health' }), await startBackend(), makeTempDir()];
    const key = '/user/ada';
    let observer = await observe(box, driver, dir);
    const cause = async () => {
      await observer.read();
      await observer.tracker.look();
      return observer.tracker.causes.of(key);
    };
    const comes = (wanted: string) =>
      until(async () => (await cause())?.cause === wanted, { what: wanted, timeout: 20_000 });

    await observer.add(key, backend.url);
    expect(await cause()).toEqual({ cause: 'added', lastRequest: null, lastData: null });

    // It does not count.
    await rawRequest({ port: box.port, target: `${key}/status/404` });
    await until(() => observer.read().then(() => observer.hits.length === 1), { what: 'its line' });
    expect(await cause()).toEqual({ cause: 'added', lastRequest: null, lastData: null });

    await rawRequest({ port: box.port, target: `${key}/x` });
    await comes('request');
    const lastRequest = observer.lastActivity(key) as number;
    expect(await cause()).toEqual({ cause: 'request', lastRequest, lastData: null });

    const socket = await open(`ws://127.0.0.1:${box.port}${key}/ws`);
    onCleanup(() => socket.terminate());
    await observer.tracker.look();
    await until(
      async () => {
        // Traefik's sockets tell of data only when no request of the log began then.
        socket.send('hello');
        await delay(300);
        return (await cause())?.cause === 'data';
      },
      { what: 'data', timeout: 20_000 },
    );
    const seen = await cause();
    expect(seen).toMatchObject({ cause: 'data', lastRequest });
    expect(seen?.lastData).toBeGreaterThan(lastRequest);
    expect(observer.lastActivity(key)).toBe(seen?.lastData);

    await observer.stop();
    const stored = seen?.lastData;
    observer = await observe(box, driver, dir);
    expect(observer.lastActivity(key)).toBe(stored);
    expect(observer.tracker.causes.of(key)).toMatchObject({ cause: 'restored', lastData: null });

    await rawRequest({ port: box.port, target: `${key}/x` });
    await comes('request');

    await observer.add(key, `${backend.url}/elsewhere`);
    expect((await cause())?.cause).toBe('added');
    expect((await cause())?.lastRequest).toBeGreaterThan(lastRequest);
  });
});
