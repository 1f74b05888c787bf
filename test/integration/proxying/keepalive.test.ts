import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Pool } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeCombinations } from './combinations.ts';
import { listen, startRawBackend } from './raw-backend.ts';

/** Waits until nginx keeps connections to the backend of a route: its target has an upstream block by then. */
async function pinned(box: Signalbox, path: string, backend: Backend): Promise<void> {
  const isKept = async () => {
    const before = backend.counts.socketsEver;
    for (let request = 0; request < 8; request += 1) await box.get(path);
    return backend.counts.socketsEver === before;
  };
  await until(isKept, { what: `${path} to be kept alive` });
}

describeCombinations(({ start, driver, differs }) => {
  describe('connections to known targets are kept alive', () => {
    let box: Signalbox;
    const backends: Record<string, Backend> = {};

    beforeAll(async () => {
      const folder = makeTempDir();
      const tls = makeCertificate();
      writeFileSync(join(folder, 'ca.pem'), tls.cert, { mode: 0o644 });
      const socketPath = join(folder, 'backend.sock');
      backends.http = await startBackend();
      backends.https = await startBackend({ tls });
      backends.unix = await startBackend({ socketPath });
      chmodSync(socketPath, 0o666);
      const routes = {
        '/http': backends.http.url,
        '/https': `https://localhost:${backends.https.port}/base`,
        ...(driver === 'nginx' ? { '/unix': backends.unix.url } : {}),
      };
      box = await start(routes, '--pin-interval', '200ms', '--client-ssl-ca', join(folder, 'ca.pem'));
      await pinned(box, '/http', backends.http);
    });

    const kinds = driver === 'nginx' ? ['http', 'https', 'unix'] : ['http', 'https'];

    test.each(kinds)('over %s', async (kind) => {
      const backend = backends[kind] as Backend;
      await count(backend, 200, () => box.get(`/${kind}/x`), { atMost: 2 });
      await count(backend, 20, () => box.get(`/${kind}/chunked`), { atMost: 2 });
      await count(backend, 20, () => rawRequest({ port: box.port, method: 'HEAD', target: `/${kind}` }), { atMost: 2 });
    });

    differs('posts-on-kept-connections')(
      'requests with a body, or that change something, have a connection of their own',
      async () => {
        const { http } = backends as { http: Backend };
        const send = (method: string, body?: string) => () =>
          rawRequest({ port: box.port, method, target: '/http/x', ...(body === undefined ? {} : { body }) });
        await count(http, 10, send('POST', 'abc'), { exactly: 10 });
        await count(http, 10, send('POST', ''), { exactly: 10 });
        await count(http, 10, send('DELETE'), { exactly: 10 });
        await count(http, 10, send('GET', 'abc'), { exactly: 10 });
      },
    );

    test('over changes of other routes, where no reload is needed for them', async () => {
      const { http } = backends as { http: Backend };
      await box.add('/other', http.url);
      await count(http, 50, () => box.get('/http/x'), { atMost: 2 });
    });

    test('after a restart on the same state, from the start', async () => {
      await box.stop();
      await box.restart();
      for (const kind of kinds) {
        await count(backends[kind] as Backend, 50, () => box.get(`/${kind}/x`), { atMost: 2 });
      }
    });

    /** Sends requests one after the other and counts the connections that they took. */
    async function count(
      backend: Backend,
      requests: number,
      send: () => Promise<{ status: number }>,
      wanted: { atMost?: number; exactly?: number },
    ): Promise<void> {
      const before = backend.counts.socketsEver;
      for (let sent = 0; sent < requests; sent += 1) expect((await send()).status).toBe(200);
      const connections = backend.counts.socketsEver - before;
      if (wanted.exactly !== undefined) expect(connections).toBe(wanted.exactly);
      // One a worker.
      else expect(connections).toBeLessThanOrEqual(wanted.atMost ?? 0);
    }
  });

  describe('a backend that closes idle connections causes no failed request', () => {
    let box: Signalbox;
    const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

    beforeAll(async () => {
      const afterWhile = createServer({ keepAliveTimeout: 1 }, (request, response) => {
        request.resume().on('end', () => response.end('ok'));
      });
      // Node adds a second to what it announces (keepAliveTimeoutBuffer).
      Object.assign(afterWhile, { keepAliveTimeoutBuffer: 10 });
      onCleanup(() => afterWhile.close());
      const raw = (close: (end: () => void) => unknown) =>
        startRawBackend((_, socket) => {
          socket.write(reply);
          close(() => socket.end());
        });
      const atOnce = await raw((end) => end());
      const soon = await raw((end) => setImmediate(end));
      const reset = await startRawBackend((_, socket) => {
        socket.write(reply, () => setTimeout(() => socket.resetAndDestroy(), 1));
      });
      const steady = await startBackend();
      const routes = {
        '/steady': steady.url,
        '/after-a-while': `http://127.0.0.1:${await listen(afterWhile)}`,
        '/at-once': atOnce.url,
        '/soon': soon.url,
        '/reset': reset.url,
      };
      box = await start(routes, '--pin-interval', '200ms');
      await pinned(box, '/steady', steady);
    });

    test.each(['/after-a-while', '/at-once', '/soon', '/reset'])('%s', async (path) => {
      const pool = new Pool(box.url, { connections: 8 });
      onCleanup(() => pool.destroy());
      const failures: string[] = [];
      let turn = 0;
      const client = async () => {
        while (turn < 2_000) {
          turn += 1;
          // See the difference `posts-on-kept-connections`.
          const post = driver === 'nginx' && turn % 4 === 0;
          // Now and then a rest, so that connections are caught in the moment in which they close.
          if (turn % 7 === 0) await new Promise((resolve) => setTimeout(resolve, turn % 13));
          const options = post ? { method: 'POST' as const } : { method: 'GET' as const };
          const answer = await pool.request({
            path,
            ...options,
            ...(post && path === '/after-a-while' ? { body: 'abc' } : {}),
          });
          if (answer.statusCode !== 200 || (await answer.body.text()) !== 'ok') {
            failures.push(`${options.method} ${answer.statusCode}`);
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, client));
      expect(failures).toEqual([]);
      await pool.destroy();
    });
  });
});
