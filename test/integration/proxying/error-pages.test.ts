import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { freePort } from '../../support/ports.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { asTraefikWrites } from '../../support/traefik-writing.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';
import { describeCombinationsOnce } from './combinations.ts';
import { listen, startRawBackend } from './raw-backend.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** An error target: answers with a page, and remembers what it was asked. */
async function startErrorTarget(status = 200): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    response.writeHead(status, {
      'Content-Type': 'text/x-page; charset=utf-8',
      'Set-Cookie': 'hub=1',
      'X-Accel-Redirect': '/_chp_healthz',
      Location: '/elsewhere',
    });
    response.end('<p>Seite für alle Fälle</p>');
  });
  const port = await listen(server);
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, asked };
}

describeCombinationsOnce(({ start, driver, differs, otherwise }) => {
  const dead = freePort();
  /** The root must lead nowhere, so that there are requests without a route. */
  const routes = async () => ({
    '/dead': `http://127.0.0.1:${await dead}`,
    '/unresolved': 'http://no-such-name.invalid',
  });

  /** What of a request the error target is told; Traefik knows the whole URL alone. */
  function told(box: Signalbox, target: string): string {
    if (!otherwise('error-page-urls')) return target;
    const [path = '', query] = target.split(/\?(.*)/s, 2);
    return box.url + asTraefikWrites(path) + (query ? `?${query}` : '');
  }

  const urlOf = (asked: Asked | undefined) => new URL(asked?.url ?? '', 'http://h').searchParams.get('url');
  const pathOf = (asked: Asked | undefined) => new URL(asked?.url ?? '', 'http://h').pathname;

  describe('with an error target', () => {
    let box: Signalbox;
    let target: Awaited<ReturnType<typeof startErrorTarget>>;

    beforeAll(async () => {
      target = await startErrorTarget();
      box = await start(await routes(), '--error-target', `${target.url}/hub/error`);
    });

    test.each([
      ['/nothing', 404],
      ['/dead/x', 503],
      ['/unresolved', 503],
    ])("%s gets the target's page with status %i and its type", async (path, status) => {
      const answer = await box.get(path);
      expect(answer).toMatchObject({ status, complete: true });
      expect(answer.text()).toBe('<p>Seite für alle Fälle</p>');
      expect(answer.header('Content-Type')).toBe('text/x-page; charset=utf-8');
      expect([pathOf(target.asked.at(-1)), urlOf(target.asked.at(-1))]).toEqual([
        `/hub/error/${status}`,
        told(box, path),
      ]);
    });

    test("no header of the target's answer that would do something is passed on", async () => {
      for (const path of ['/nothing', '/dead/x']) {
        const answer = await box.get(path);
        for (const name of ['Set-Cookie', 'Location']) expect(answer.header(name)).toBeUndefined();
        if (driver === 'nginx') expect(answer.header('X-Accel-Redirect')).toBeUndefined();
      }
    });

    test('an unusable target gets 500', async () => {
      await box.add('/unusable', 'no url');
      const answer = await box.get('/unusable');
      expect(answer.status).toBe(500);
      expect(answer.text()).toBe('<p>Seite für alle Fälle</p>');
      expect([pathOf(target.asked.at(-1)), urlOf(target.asked.at(-1))]).toEqual([
        '/hub/error/500',
        told(box, '/unusable'),
      ]);
    });

    describe('the url is encoded so that the target decodes it to path and query of the request', () => {
      test.each([
        '/',
        '/?',
        '/nothing?a=b&c=d',
        '/nothing?a=b&c=%26%3D&next=/x?y=z',
        '/nothing/%20%25%2B%2F%23%3F',
        '/nothing/a+b?c+d=e+f',
        '/nothing/%C3%BCn%C3%AF/%E2%82%AC',
        "/nothing/@:;=,!*'()~$[]|",
        '/nothing//double///slashes',
        '/nothing?"<>\\^`{|}',
        '/nothing/%2525?%2525',
        '/nothing?redirect=https://hub.example/hub/login?next=%2Fuser%2Fada%2F#x',
        `/nothing/${'p'.repeat(8_000)}?${'%20'.repeat(1_000)}`,
        '/dead/x?a=b&c=%26',
      ])('%s', async (path) => {
        await box.get(path);
        const asked = new URL(target.asked.at(-1)?.url ?? '', 'http://h');
        expect(asked.searchParams.get('url')).toBe(told(box, path));
        expect([...asked.searchParams.keys()]).toEqual(['url']);
        expect(asked.pathname).toMatch(/^\/hub\/error\/(404|503)$/);
      });

      test('unicode that was not encoded', async () => {
        await box.get(Buffer.from('/nothing/ünï?q=€').toString('latin1'));
        const path = driver === 'nginx' ? '/nothing/ünï' : `${box.url}/nothing/%C3%BCn%C3%AF`;
        expect(urlOf(target.asked.at(-1))).toBe(`${path}?q=€`);
      });

      test('except for dot segments in the path, which are resolved', async () => {
        await box.get('/nothing/../other/./x');
        expect(urlOf(target.asked.at(-1))).toBe(told(box, '/other/x'));
      });

      if (driver === 'nginx') {
        test('except for a query with dot segments, which is left out', async () => {
          await box.get('/nothing?next=/a/../b');
          expect(urlOf(target.asked.at(-1))).toBe('/nothing');
        });
      }
    });

    test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
      'the target is asked by GET, without body, whatever the request was: %s',
      async (method) => {
        for (const path of ['/nothing', '/dead/x']) {
          const headers: HeaderPairs = [
            ['Content-Type', 'text/plain'],
            ['Authorization', 'token secret'],
            ['Cookie', 'secret=1'],
          ];
          const answer = await rawRequest({ port: box.port, method, target: path, headers, body: 'x'.repeat(100_000) });
          expect(answer.status).toBe(path === '/nothing' ? 404 : 503);
          expect(answer.text()).toBe('<p>Seite für alle Fälle</p>');
          const asked = target.asked.at(-1);
          expect(asked?.method).toBe('GET');
          expect(asked?.headers['content-length'] ?? '0').toBe('0');
          for (const name of ['content-type', 'authorization', 'cookie', 'transfer-encoding']) {
            expect(asked?.headers[name]).toBeUndefined();
          }
          expect(asked?.headers.host).toBe(new URL(target.url).host);
        }
      },
    );

    test('HEAD gets the headers alone', async () => {
      const answer = await rawRequest({ port: box.port, method: 'HEAD', target: '/nothing' });
      expect(answer).toMatchObject({ status: 404, complete: true });
      expect(answer.body).toHaveLength(0);
    });

    test("a client's conditions and ranges don't change the page", async () => {
      const answer = await box.get('/nothing', [
        ['Range', 'bytes=0-1'],
        ['If-None-Match', '*'],
      ]);
      expect(answer.status).toBe(404);
      expect(answer.text()).toBe('<p>Seite für alle Fälle</p>');
    });
  });

  describe('an error target that', () => {
    test('has no path', async () => {
      const target = await startErrorTarget();
      const box = await start({}, '--error-target', target.url);
      expect((await box.get('/x')).text()).toBe('<p>Seite für alle Fälle</p>');
      expect([pathOf(target.asked.at(-1)), urlOf(target.asked.at(-1))]).toEqual(['/404', told(box, '/x')]);
    });

    test('answers with an error itself has its page shown all the same', async () => {
      const target = await startErrorTarget(404);
      const box = await start({}, '--error-target', `${target.url}/`);
      expect(await box.get('/x')).toMatchObject({ status: 404 });
      expect((await box.get('/x')).text()).toBe('<p>Seite für alle Fälle</p>');
    });

    test('hangs is not waited for longer than two seconds', WALL_CLOCK, async () => {
      const target = await startRawBackend(() => undefined);
      const box = await start(await routes(), '--error-target', target.url);
      // Far less than the 10 s after which most clients have given up, and far more than a slow machine needs.
      const timeout = 8_000;
      const ask = (path: string) => rawRequest({ port: box.port, target: path, timeout });
      const answers = await Promise.all([ask('/nothing'), ask('/dead')]);
      expect(answers.map(({ status, complete }) => [status, complete])).toEqual([
        [404, true],
        [503, true],
      ]);
      expect(target.heads).toHaveLength(2);
      if (otherwise('error-target-down')) return;
      for (const answer of answers) expect(answer.text()).toContain(`<h1>${answer.status}: `);
    });

    test('speaks https is believed when --client-ssl-ca vouches for it', async () => {
      const certificate = makeCertificate();
      const authority = join(makeTempDir(), 'ca.pem');
      writeFileSync(authority, certificate.cert, { mode: 0o644 });
      const target = await startBackend({ name: 'hub', tls: certificate });
      const url = `https://localhost:${target.port}/hub/error`;
      const box = await start(await routes(), '--error-target', url, '--client-ssl-ca', authority);
      for (const [path, status] of [
        ['/nothing', 404],
        ['/dead', 503],
      ] as const) {
        const answer = await box.get(path);
        expect([answer.status, answer.header('X-Backend')]).toEqual([status, 'hub']);
      }
    });

    differs('error-target-down')('is down has the plain page take its place', async () => {
      const box = await start(await routes(), '--error-target', `http://127.0.0.1:${await dead}/hub/error`);
      for (const [path, status] of [
        ['/nothing', 404],
        ['/dead', 503],
      ] as const) {
        const answer = await box.get(path);
        expect(answer.status).toBe(status);
        expect(answer.text()).toContain(`<h1>${status}: `);
        const upload = await rawRequest({ port: box.port, method: 'POST', target: path, body: 'x'.repeat(100_000) });
        expect(upload.status).toBe(status);
        expect(upload.text()).toContain(`<h1>${status}: `);
      }
    });
  });
});
