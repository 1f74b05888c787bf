import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { headerOf } from '../../support/http-response.ts';
import { freePort } from '../../support/ports.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { plainSettings } from '../../support/traefik-config.ts';
import { startRawBackend } from '../proxying/raw-backend.ts';
import { describeTraefik, type Stage, startStage } from './stage.ts';

describeTraefik('targets', () => {
  let stage: Stage;
  let backend: Backend;
  let nobody: string;

  beforeAll(async () => {
    [stage, backend] = [await startStage(), await startBackend()];
    nobody = `http://127.0.0.1:${await freePort()}`;
  });

  const urlSeen = async (target: string) => (await stage.get(target)).json<Seen>().url;

  test.each([
    ['', '/r/x%40y@z%2Fa//b?q=%20;x', '/r/x%40y@z%2Fa//b?q=%20%3Bx'],
    ['/', '/r', '/r'],
    ['/base', '/r/x', '/base/r/x'],
    ['/base/', '/r', '/base/r'],
    ['/a%40b/c%2Fd', '/r/%2F', '/a%40b/c%2Fd/r/%2F'],
    ['/%zz/{x}`"', '/r', '/%25zz/%7Bx%7D%60%22/r'],
    ['/é', '/r/%C3%A9', '/%C3%A9/r/%C3%A9'],
  ])('%s in front: %s arrives as %s', async (end, target, expected) => {
    await stage.serve({ '/r': backend.url + end });
    expect(await urlSeen(target)).toBe(expected);
  });

  test.each([
    ['/user/a@b', '/user/a%40b/x%2Fy?z', '/base/x%2Fy?z'],
    ['/user/a@b', '/user%2Fa@b/x', '/base/x'],
    ['/user/a@b', '/user/a@b', '/base/'],
    ['/', '/x', '/base/x'],
  ])('without the prefix %s, %s arrives as %s', async (key, target, expected) => {
    await stage.serve({ [key]: `${backend.url}/base` }, { include_prefix: false });
    expect(await urlSeen(target)).toBe(expected);
    expect(backend.seen.at(-1)?.headers.map(([name]) => name)).not.toContain('X-Replaced-Path');
  });

  test('the path of the target can be left out', async () => {
    await stage.serve({ '/r': `${backend.url}/base` }, { prepend_path: false });
    expect(await urlSeen('/r/x')).toBe('/r/x');
  });

  test('headers: the target as host, some of our own, none that forward', async () => {
    const custom_headers = [{ name: 'X-Quoted', value: '"`{{ env "HOME" }}`" \\ é' }];
    await stage.serve({ '/r': backend.url }, { change_origin: true, x_forward: false, custom_headers });
    const { headers } = (await stage.get('/r')).json<Seen>();
    expect(headerOf(headers, 'host')).toBe(`127.0.0.1:${backend.port}`);
    expect(Buffer.from(headerOf(headers, 'x-quoted') ?? '', 'latin1').toString()).toBe(custom_headers[0]?.value);
    expect(headerOf(headers, 'x-forwarded-host')).toBeUndefined();
  });

  test.each([true, false])(
    'headers of an error page are left out where services have middlewares: %s',
    async (service_middlewares) => {
      const page = await startRawBackend((_, socket) =>
        socket.write('HTTP/1.1 404 Gone\r\nSet-Cookie: hub=1\r\nContent-Length: 4\r\n\r\npage'),
      );
      await stage.serve({ '/r': nobody }, { error_target: page.url, service_middlewares });
      for (const [target, status] of [
        ['/r', 503],
        ['/elsewhere', 404],
      ] as const) {
        const answer = await stage.get(target);
        expect([answer.status, answer.text()]).toEqual([status, 'page']);
        // The difference 'error-page-headers' of older ones.
        expect(answer.header('Set-Cookie')).toBe(service_middlewares ? undefined : 'hub=1');
      }
    },
  );

  test('https: verified with the authorities given, by address too', async () => {
    const dir = makeTempDir();
    const tls = makeCertificate();
    const secure = await startBackend({ tls, name: 'secure' });
    const ca_file = join(dir, 'ca.pem');
    writeFileSync(ca_file, tls.cert);
    await stage.serve({ '/r': secure.url }, { backend_tls: { ...plainSettings.backend_tls, ca_file } });
    expect((await stage.get('/r')).header('X-Backend')).toBe('secure');
    await stage.serve({ '/r': secure.url });
    // Not 503: Traefik takes it for a fault of its own, and a backend's own 500 is none that we may replace.
    expect((await stage.get('/r')).status).toBe(500);
    await stage.serve({ '/r': secure.url }, { backend_tls: { ...plainSettings.backend_tls, verify: false } });
    expect((await stage.get('/r')).header('X-Backend')).toBe('secure');
  });

  test('h2c: HTTP/2 without TLS', async () => {
    const server = createServer((request, response) => response.end(request.httpVersion));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onCleanup(() => server.close());
    await stage.serve({ '/r': `h2c://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect((await stage.get('/r')).text()).toBe('2.0');
  });

  test('a host name, and an IPv6 address', async () => {
    const six = await startBackend({ host: '::1', name: 'six' });
    await stage.serve({ '/name': backend.url.replace('127.0.0.1', 'localhost'), '/six': six.url });
    expect((await stage.get('/name')).status).toBe(200);
    expect((await stage.get('/six')).header('X-Backend')).toBe('six');
    expect([...stage.config.backends()]).toEqual([
      [`localhost:${backend.port}`, { keys: ['/name'], tls: false }],
      [`[::1]:${six.port}`, { keys: ['/six'], tls: false }],
    ]);
  });

  describe('that can not be reached', () => {
    const bad = {
      '/gone': () => nobody,
      '/bad': () => 'no url',
      '/odd': () => 'http://a`b{}.invalid:9',
      '/ok': () => backend.url,
    };
    const routes = () => Object.fromEntries(Object.entries(bad).map(([key, target]) => [key, target()]));

    test.each([true, false])('are answered by Traefik alone without an error target (tree: %s)', async (tree) => {
      await stage.serve(routes(), { tree });
      const statuses = async (...paths: string[]) =>
        Promise.all(paths.map(async (path) => (await stage.get(path)).status));
      expect(await statuses('/gone', '/bad', '/odd', '/none', '/ok/status/404', '/ok/status/500')).toEqual([
        503, 500, 503, 404, 404, 500,
      ]);
    });

    test.each([true, false])('get pages of the error target (tree: %s)', async (tree) => {
      const errors = await startBackend({ name: 'errors' });
      await stage.serve(routes(), { tree, error_target: `${errors.url}/hub/error` });
      for (const [path, code] of [
        ['/gone/x%40?y=1&z', 503],
        ['/none', 404],
        ['/bad', 500],
      ] as const) {
        const answer = await stage.get(path, [
          ['Cookie', 'secret=1'],
          ['Host', 'hub.example'],
        ]);
        expect([answer.status, answer.header('X-Backend')], path).toEqual([code, 'errors']);
        const { url, headers } = answer.json<Seen>();
        expect(url).toBe(`/hub/error/${code}?url=${encodeURIComponent(`http://hub.example${path}`)}`);
        expect(headerOf(headers, 'host')).toBe(errors.url.slice('http://'.length));
      }
      expect((await stage.get('/ok/status/404')).header('X-Backend')).toBe('backend');
    });
  });
});
