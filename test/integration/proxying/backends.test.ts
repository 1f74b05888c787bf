import { lookup } from 'node:dns/promises';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { headerOf } from '../../support/http-response.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { testAsRoot, testIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { describeCombinationsOnce, putRoutes } from './combinations.ts';

const localhostHasIpv6 = (await lookup('localhost', { all: true })).some(({ address }) => address === '::1');

describeCombinationsOnce(({ start, driver, otherwise }) => {
  let box: Signalbox;
  let ipv4: Backend;
  let ipv6: Backend;
  let unix: Backend;

  beforeAll(async () => {
    const socketPath = join(makeTempDir(), 'odd name,%$.sock');
    ipv4 = await startBackend({ name: 'ipv4' });
    ipv6 = await startBackend({ name: 'ipv6', host: '::1' });
    unix = await startBackend({ name: 'unix', socketPath });
    chmodSync(socketPath, 0o666);
    box = await start({});
  });

  const kinds: [string, () => string, string][] = [
    ['an address', () => ipv4.url, 'ipv4'],
    ['an IPv6 address', () => ipv6.url, 'ipv6'],
    ['a host name on IPv4', () => `http://localhost:${ipv4.port}`, 'ipv4'],
    ['a host name in upper case', () => `HTTP://LOCALHOST:${ipv4.port}/`, 'ipv4'],
  ];
  if (!otherwise('unix-sockets')) {
    kinds.push(['a unix socket', () => unix.url, 'unix']);
    kinds.push(['a unix socket in the older spelling', () => unix.url.replace('http+unix', 'unix+http'), 'unix']);
  } else {
    test('a backend at a unix socket is refused', async () => {
      const answer = await box.api('POST', '/api/routes/unix', { target: unix.url });
      expect([answer.status, answer.text()]).toEqual([400, expect.stringContaining('unix socket')]);
    });
  }
  const testOfNginx =
    driver === 'nginx' ? testAsRoot('where the workers are another user') : testIf(false, 'Traefik has no workers');
  testOfNginx("a unix socket that nginx's workers may not use is named in the log", async () => {
    const socketPath = join(makeTempDir(), 'own.sock');
    const own = await startBackend({ socketPath });
    chmodSync(socketPath, 0o700);
    await box.add('/own', own.url);
    expect((await box.get('/own/')).status).toBe(503);
    expect(box.logs()).toMatch(new RegExp(`run as \\w+, whom the mode of ${socketPath} keeps out`));
    chmodSync(socketPath, 0o702);
    expect((await box.get('/own/')).status).toBe(200);
  });

  if (localhostHasIpv6) kinds.push(['a host name on IPv6', () => `http://localhost:${ipv6.port}`, 'ipv6']);
  else test('a backend at a host name on IPv6', ({ skip }) => skip('localhost is no IPv6 address here'));

  test.each(kinds)('a backend at %s', async (_, target, name) => {
    await putRoutes(box, { '/user/ada': target() });
    const answer = await box.get('/user/ada/x%2Fy?q=1', [['Host', 'hub.example']]);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ backend: name, url: '/user/ada/x%2Fy?q=1' });
    const { headers } = answer.json<{ headers: [string, string][] }>();
    expect(headerOf(headers, 'Host')).toBe('hub.example');
    const upload = await rawRequest({ port: box.port, method: 'POST', target: '/user/ada/upload', body: 'abc' });
    expect(upload.json()).toMatchObject({ bytes: 3 });
  });

  describe('the path at the backend is that of the target and then that of the request, both queries joined', () => {
    const all: [target: string, request: string, seen: string][] = [
      ['', '/r/x?q', '/r/x?q'],
      ['/', '/r/x?q', '/r/x?q'],
      ['/base', '/r/x?q', '/base/r/x?q'],
      ['/base/', '/r/x?q', '/base/r/x?q'],
      ['/base/deeper', '/r', '/base/deeper/r'],
      ['/base', '/r/', '/base/r/'],
      ['/base', '/r//x%2F/@;', '/base/r//x%2F/@;'],
      ['/base', '/r?', '/base/r?'],
      ['/a%20b/%2F%25/@;', '/r/x', '/a%20b/%2F%25/@;/r/x'],
      ['/a b', '/r/x', '/a%20b/r/x'],
      ['/ünï', '/r/x', '/%C3%BCn%C3%AF/r/x'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is nginx's syntax
      ["/$host${uri}'", '/r/x', "/$host$%7Buri%7D'/r/x"],
      ['/p,q:r', '/r/x', '/p,q:r/r/x'],
      ['?k=v', '/r/x', '/r/x?k=v'],
      ['?k=v', '/r/x?q=1', '/r/x?k=v&q=1'],
      ['/base?k=v', '/r/x?q=1', '/base/r/x?k=v&q=1'],
      ['/base/?k=v', '/r/x', '/base/r/x?k=v'],
      ['/base?k=v', '/r/x?', '/base/r/x?k=v'],
      ['?k=/a/?$b;c=,%26', '/r?d=%26&e', '/r?k=/a/?$b;c=,%26&d=%26&e'],
      ['/base#fragment', '/r/x', '/base/r/x'],
    ];

    const withQuery = ([target]: (typeof all)[number]) => /^[^#]*\?/.test(target);
    const cases = all.filter((one) => !(withQuery(one) && otherwise('queries-of-targets')));

    // One table for all of them: the route `/r` of each case gets a name of its own.
    const route = (at: number, kind: string) => `/r-${at}-${kind}`;

    beforeAll(async () => {
      const both = { tcp: ipv4.url, ...(driver === 'nginx' ? { unix: unix.url } : {}) };
      const routes = cases.flatMap(([rest], at) =>
        Object.entries(both).map(([kind, url]) => [route(at, kind), url + rest] as const),
      );
      await putRoutes(box, Object.fromEntries(routes));
    });

    test.each(cases.map((one, at) => [...one, at] as const))(
      'target %s, request %s: %s',
      async (_, request, seen, at) => {
        for (const kind of driver === 'nginx' ? ['tcp', 'unix'] : ['tcp']) {
          const name = route(at, kind);
          const answer = await box.get(request.replace(/^\/r/, name));
          expect(answer.json()).toMatchObject({ url: seen.replace(/\/r(?=[/?]|$)/, name) });
        }
      },
    );
  });

  test('user and password in a target are passed over', async () => {
    await putRoutes(box, { '/r': ipv4.url.replace('//', '//user:secret@') });
    const answer = await box.get('/r');
    expect(answer.status).toBe(200);
    expect(headerOf(answer.json<{ headers: [string, string][] }>().headers, 'Authorization')).toBeUndefined();
  });

  test('a target that changes from one kind to another takes its requests along', async () => {
    for (const { url, name } of driver === 'nginx' ? [ipv4, unix, ipv6, ipv4] : [ipv4, ipv6, ipv4]) {
      await box.add('/changing', url);
      expect((await box.get('/changing')).header('X-Backend')).toBe(name);
    }
  });
});
