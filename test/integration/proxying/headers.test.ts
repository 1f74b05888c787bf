import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readBuild } from '../../../src/proxies/nginx/version.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { rawRequest, sendRaw } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { describeCombinations } from './combinations.ts';
import { parseHead, type RawBackend, startRawBackend, values } from './raw-backend.ts';

describeCombinations(({ start, driver, path, differs, otherwise }) => {
  const publicSocket = join(makeTempDir(), 'public.sock');
  let box: Signalbox;
  let backend: RawBackend;
  /** Header lines of the backend's next answer. */
  let answerLines: string[] = [];

  beforeAll(async () => {
    backend = await startRawBackend((_, socket) => {
      const lines = ['HTTP/1.1 200 OK', ...answerLines, 'Content-Length: 2', '', 'ok'];
      socket.write(lines.join('\r\n'), 'latin1');
    });
    const socketFlags = driver === 'nginx' ? ['--templates', alsoOn(publicSocket)] : [];
    box = await start({ '/': backend.url, '/user/ada': backend.url }, ...socketFlags);
  });

  /** What the backend gets of these headers. */
  async function seenBy(headers: HeaderPairs, target = '/user/ada'): Promise<[string, string][]> {
    answerLines = [];
    await box.get(target, headers);
    return parseHead(backend.heads.at(-1) ?? '').headers;
  }

  async function answered(...lines: string[]): Promise<HeaderPairs> {
    answerLines = lines;
    const answer = await box.get('/user/ada');
    expect(answer).toMatchObject({ status: 200, complete: true });
    expect(answer.text()).toBe('ok');
    return answer.headers;
  }

  describe('to the backend', () => {
    test.each(['hub.example', 'hub.example:8443', 'HUB.Example', '[::1]:80', '127.0.0.1'])(
      'Host %s passes',
      async (host) => {
        expect(values(await seenBy([['Host', host]]), 'Host')).toEqual([host]);
      },
    );

    test('X-Forwarded-* are set where there were none', async () => {
      const seen = await seenBy([['Host', 'hub.example:8443']]);
      expect(values(seen, 'X-Forwarded-For')).toEqual(['127.0.0.1']);
      expect(values(seen, 'X-Forwarded-Port')).toEqual(['8443']);
      expect(values(seen, 'X-Forwarded-Proto')).toEqual(['http']);
      expect(values(seen, 'X-Forwarded-Host')).toEqual(['hub.example:8443']);
    });

    test.each(['hub.example', '[::1]'])('X-Forwarded-Port is 80 when Host is %s, without a port', async (host) => {
      expect(values(await seenBy([['Host', host]]), 'X-Forwarded-Port')).toEqual(['80']);
    });

    test('X-Forwarded-Port is that of an IPv6 Host', async () => {
      expect(values(await seenBy([['Host', '[::1]:8443']]), 'X-Forwarded-Port')).toEqual(['8443']);
    });

    differs('x-forwarded-appended')(
      'X-Forwarded-For, -Port and -Proto are appended with a comma to what is there, -Host is kept',
      async () => {
        const seen = await seenBy([
          ['Host', 'inside:8000'],
          ['X-Forwarded-For', '10.1.2.3'],
          ['X-Forwarded-Port', '443'],
          ['X-Forwarded-Proto', 'https'],
          ['X-Forwarded-Host', 'hub.example'],
        ]);
        expect(values(seen, 'X-Forwarded-For')).toEqual(['10.1.2.3,127.0.0.1']);
        expect(values(seen, 'X-Forwarded-Port')).toEqual(['443,8000']);
        expect(values(seen, 'X-Forwarded-Proto')).toEqual(['https,http']);
        expect(values(seen, 'X-Forwarded-Host')).toEqual(['hub.example']);
      },
    );

    test('several X-Forwarded-For lines become one, in their order', async () => {
      const seen = await seenBy([
        ['X-Forwarded-For', '10.0.0.1'],
        ['X-Forwarded-For', '10.0.0.2'],
      ]);
      expect(values(seen, 'X-Forwarded-For').join().replaceAll(' ', '')).toBe('10.0.0.1,10.0.0.2,127.0.0.1');
    });

    test('Trailer is dropped', async () => {
      expect(values(await seenBy([['Trailer', 'X-Checksum']]), 'Trailer')).toEqual([]);
    });

    test('headers pass with their names, values, order and repetitions', async () => {
      const sent: HeaderPairs = [
        ['Authorization', 'token abc'],
        ['x-lower', 'a'],
        ['X-UPPER', 'b'],
        ['under_score', 'c'],
        ['with.dot', 'd'],
        ["odd!#$%&'*+^`|~name", 'e'],
        ['X-Twice', '1'],
        ['X-Twice', '2'],
        ['X-Empty', ''],
        ['X-Latin', 'caf\u00e9'],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is nginx's syntax
        ['X-Quoted', '"a;b=\\"c\\"", $host ${host} \'x\''],
        ['X-Accel-Redirect', '/x'],
        ['Cookie', 'a=1; b="2"'],
        ['If-None-Match', '"abc"'],
        ['Range', 'bytes=0-1'],
        ['Accept-Encoding', 'gzip, br'],
        ['Proxy-Authorization', 'Basic eA=='],
        ['Forwarded', 'for=10.1.2.3'],
        ['Via', '1.1 outer'],
        ['X-Real-IP', '10.1.2.3'],
        ['X-Scheme', 'https'],
      ];
      const seen = await seenBy(sent);
      if (otherwise('header-order') && otherwise('proxy-authorization')) {
        expectSameByName(
          seen,
          sent.filter(([name]) => name !== 'Proxy-Authorization'),
        );
        return;
      }
      const names = new Set(sent.map(([name]) => name));
      expect(seen.filter(([name]) => names.has(name))).toEqual(sent);
    });

    differs('te-and-expect')(
      'unlike with CHP, Keep-Alive, TE and Expect go no further: they are about the one connection',
      async () => {
        const seen = await seenBy([
          ['Keep-Alive', 'timeout=5'],
          ['TE', 'trailers'],
          ['Expect', '100-continue'],
        ]);
        expect(['Keep-Alive', 'TE', 'Expect'].flatMap((name) => values(seen, name))).toEqual([]);
      },
    );

    differs('added-headers')('nothing else is added', async () => {
      const names = (await seenBy([['Host', 'x']])).map(([name]) => name.toLowerCase()).sort();
      expect(names.filter((name) => name !== 'connection')).toEqual([
        'host',
        'x-forwarded-for',
        'x-forwarded-host',
        'x-forwarded-port',
        'x-forwarded-proto',
      ]);
    });

    test('a request without Host is answered (HTTP/1.0), and the backend gets one request', async () => {
      const before = backend.heads.length;
      answerLines = [];
      const answer = await sendRaw('GET /user/ada HTTP/1.0\r\n\r\n', { port: box.port });
      expect(answer.status).toBe(200);
      expect(backend.heads.length).toBe(before + 1);
      // As any client of the backend has it: most servers answer 400 to none.
      const { headers } = parseHead(backend.heads.at(-1) ?? '');
      expect(values(headers, 'Host')).toEqual([new URL(backend.url).host]);
    });

    test('HTTP/1.1 without Host, or with an empty one, is refused (RFC 9112, 3.2)', async () => {
      const before = backend.heads.length;
      for (const host of driver === 'nginx' ? ['', 'Host:\r\n'] : ['']) {
        const answer = await sendRaw(`GET /user/ada HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, { port: box.port });
        expect(answer.status).toBe(400);
      }
      expect(backend.heads.length).toBe(before);
    });

    differs('public-socket')(
      'what comes over a unix socket has no address, only that which is in front says',
      async () => {
        const forwardedFor = async (headers: HeaderPairs) => {
          await rawRequest({ socketPath: publicSocket, target: '/user/ada', headers });
          return values(parseHead(backend.heads.at(-1) ?? '').headers, 'X-Forwarded-For');
        };
        expect(await forwardedFor([['X-Forwarded-For', '9.9.9.9']])).toEqual(['9.9.9.9']);
        expect(await forwardedFor([])).toEqual([]);
      },
    );

    test('one header of 60 KiB passes', async () => {
      const big = 'b'.repeat(60 * 1024);
      expect(values(await seenBy([['X-Big', big]]), 'X-Big')).toEqual([big]);
    });

    test('64 KiB of headers pass', async () => {
      const headers: HeaderPairs = Array.from({ length: 16 }, (_, at) => [`X-Part-${at}`, 'p'.repeat(4080)]);
      expectSameByName(await seenBy(headers), headers);
    });

    test('a hundred cookies pass', async () => {
      const cookie = Array.from({ length: 100 }, (_, at) => `name-${at}=${'v'.repeat(100)}`).join('; ');
      expect(values(await seenBy([['Cookie', cookie]]), 'Cookie')).toEqual([cookie]);
    });
  });

  describe('with --no-x-forward', () => {
    let silent: Signalbox;
    const FORWARDED = [
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Port',
      'X-Forwarded-Proto',
      'X-Forwarded-Server',
    ];

    beforeAll(async () => {
      silent = await start({ '/': backend.url, '/user/ada': backend.url }, '--no-x-forward');
    });

    const forwardedOf = async (target: string, headers: HeaderPairs) => {
      answerLines = [];
      await silent.get(target, headers);
      const { headers: seen } = parseHead(backend.heads.at(-1) ?? '');
      return FORWARDED.flatMap((name) => values(seen, name));
    };

    // The last of them is one that Traefik puts right first.
    test.each(['/user/ada', '/elsewhere', '//user/ada'])(
      '%s: what came passes as it is, and nothing is added',
      async (target) => {
        const sent = ['10.1.2.3, 10.4.5.6', 'hub.example', '8443', 'https'];
        const headers = sent.map((value, at): [string, string] => [FORWARDED[at] ?? '', value]);
        expect(await forwardedOf(target, headers)).toEqual(sent);
        expect(await forwardedOf(target, [])).toEqual([]);
      },
    );
  });

  describe('to the client', () => {
    test('headers pass with their names, values, order and repetitions', async () => {
      const lines = [
        'Set-Cookie: a=1; Path=/user/ada',
        'Set-Cookie: b=2; Domain=hub.example; Secure; HttpOnly',
        'Set-Cookie: a=1; Path=/user/ada',
        'Location: http://127.0.0.1:1/elsewhere',
        'Content-Location: /x',
        'Refresh: 5; url=http://127.0.0.1:1/',
        'WWW-Authenticate: Basic realm="x"',
        'X-lower_Under.dot: a',
        'Cache-Control: no-store',
        'Cache-Control: private',
        'Link: </a>; rel=preload',
        'Link: </b>; rel=preload',
        'Vary: Cookie',
        'Expires: 0',
        'ETag: "x"',
        'Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT',
        'Content-Type: text/x-odd; charset="utf-8"',
        'Content-Encoding: br',
        "Content-Security-Policy: frame-ancestors 'self'; report-uri $host",
        'Accept-Ranges: none',
        'X-Powered-By: a user',
        'Strict-Transport-Security: max-age=1',
      ];
      const headers = await answered(...lines);
      for (const line of lines) {
        const [name = ''] = line.split(':', 1);
        const wanted = lines.filter((one) => one.startsWith(`${name}:`)).map((one) => one.slice(name.length + 2));
        expect({ [name]: values(headers, name) }).toEqual({ [name]: wanted });
      }
    });

    test.each([
      ['Server', 'TornadoServer/6.4'],
      ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
      ['X-Accel-Expires', '60'],
      ['X-Accel-Limit-Rate', '1'],
      ['X-Accel-Buffering', 'yes'],
      ['X-Accel-Charset', 'koi8-r'],
      ['X-Pad', 'avoid browser bug'],
      ['Status', '404 Not Found'],
    ])('%s is the one of the backend', async (name, value) => {
      expect(values(await answered(`${name}: ${value}`), name)).toEqual([value]);
    });

    test.each(['/_chp_healthz', '/user/ada/secret', '@signalbox_404', '/generation'])(
      'X-Accel-Redirect to %s passes and redirects nothing',
      async (place) => {
        const before = backend.heads.length;
        expect(values(await answered(`X-Accel-Redirect: ${place}`), 'X-Accel-Redirect')).toEqual([place]);
        expect(backend.heads.length).toBe(before + 1);
      },
    );

    differs('added-date')('a backend without Server and Date gets none made up', async () => {
      const headers = await answered();
      expect(headers.map(([name]) => name).sort()).toEqual(['Connection', 'Content-Length']);
    });

    test.each([
      ['one header of 20 KiB', [20 * 1024]],
      ['20 KiB of headers', Array.from({ length: 5 }, () => 4_080)],
    ])('%s pass', async (_, sizes) => expect(await answeredWith(sizes)).toEqual(sizes));

    test.each([
      ['one header of 60 KiB', [60 * 1024]],
      ['64 KiB of headers', Array.from({ length: 16 }, () => 4_080)],
    ])('%s pass', async (_, sizes) => {
      // An nginx that is built with musl has less room: docs/nginx.md.
      const isMusl = driver === 'nginx' && (await readBuild(path)).isMusl;
      if (isMusl) await expect(answeredWith(sizes)).rejects.toThrow('503');
      else expect(await answeredWith(sizes)).toEqual(sizes);
    });

    async function answeredWith(sizes: readonly number[]): Promise<number[]> {
      const headers = await answered(...sizes.map((size, at) => `X-Part-${at}: ${'p'.repeat(size)}`));
      return headers.filter(([name]) => name.startsWith('X-Part-')).map(([, value]) => value.length);
    }

    differs('reason-phrases')('a reason phrase of its own passes', async () => {
      const odd = await startRawBackend((_, socket) =>
        socket.write('HTTP/1.1 299 Quite All Right\r\nContent-Length: 0\r\n\r\n'),
      );
      await box.add('/odd', odd.url);
      expect(await rawRequest({ port: box.port, target: '/odd' })).toMatchObject({
        status: 299,
        reason: 'Quite All Right',
      });
    });
  });
});

/** Templates with which nginx listens on a unix socket, too. */
function alsoOn(socket: string): string {
  const folder = makeTempDir();
  mkdirSync(join(folder, 'nginx/snippets'), { recursive: true });
  writeFileSync(join(folder, 'nginx/snippets/server.conf'), `listen unix:${socket};\n`);
  return folder;
}

/** Go keeps headers by name: the order among names and how the names were capitalised are lost, as they may be (RFC 9110, 5). */
function expectSameByName(seen: HeaderPairs, sent: HeaderPairs): void {
  for (const [name] of sent) expect({ [name]: values(seen, name) }).toEqual({ [name]: values(sent, name) });
}
