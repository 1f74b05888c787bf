import { connect as connectHttp2 } from 'node:http2';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { connect, rawRequest, sendRaw } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { describeCombinations } from '../proxying/combinations.ts';
import { startRawBackend, values } from '../proxying/raw-backend.ts';
import { tlsFlags } from './tls-flags.ts';

const LAST = 'GET /user/ada/last HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n\r\n';

describeCombinations(({ start, differs, otherwise }) => {
  let box: Signalbox;
  let ada: Backend;
  let bob: Backend;

  beforeAll(async () => {
    [ada, bob] = [await startBackend({ name: 'ada' }), await startBackend({ name: 'bob' })];
    box = await start({ '/user/ada': ada.url, '/user/bob': bob.url });
  });

  /** Everything that comes on one connection until the proxy closes it. */
  function talk(bytes: string, port = box.port): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port });
      onCleanup(() => socket.destroy());
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.write(Buffer.from(bytes, 'latin1'));
    });
  }

  /** Backends that answered, in their order. */
  const answeredBy = (text: string) => [...text.matchAll(/^X-Backend: (\S+)\r$/gim)].map(([, name]) => name);

  describe('where a request ends, all agree: what a backend sees is what the client is answered', () => {
    const hidden = 'GET /user/bob/hidden HTTP/1.1\r\nHost: hub.test\r\n\r\n';
    const chunked = `0\r\n\r\n${hidden}`;
    test.each([
      ['a length and chunks', `Content-Length: ${chunked.length}\r\nTransfer-Encoding: chunked`, chunked],
      ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['chunks in HTTP/1.0', 'Transfer-Encoding: chunked', chunked, 'HTTP/1.0'],
      ['a blank before the colon', `Transfer-Encoding : chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['a blank before the colon of a length', `Content-Length : ${hidden.length}`, hidden],
      ['a folded line', `X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['a line that begins with a blank', ` Transfer-Encoding: chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['a folded value', `Transfer-Encoding:\r\n chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['a vertical tab', `Transfer-Encoding: \x0bchunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['a NUL', `Transfer-Encoding: chunked\x00\r\nContent-Length: ${chunked.length}`, chunked],
      ['an unknown coding', `Transfer-Encoding: xchunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['another coding behind', `Transfer-Encoding: chunked, identity\r\nContent-Length: ${chunked.length}`, chunked],
      ['chunks twice', `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked`, chunked],
      ['two codings', `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 4`, chunked],
      ['a coding in quotes', `Transfer-Encoding: "chunked"\r\nContent-Length: ${chunked.length}`, chunked],
      ['an underscore', `Transfer_Encoding: chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['an underscore in a length', `Content_Length: ${hidden.length}`, hidden],
      ['two lengths', `Content-Length: 0\r\nContent-Length: ${hidden.length}`, hidden],
      ['two lengths in a line', `Content-Length: 0, ${hidden.length}`, hidden],
      ['a length with a sign', `Content-Length: +${hidden.length}`, hidden],
      ['a length in hexadecimal', `Content-Length: 0x${hidden.length.toString(16)}`, hidden],
      ['a negative length', 'Content-Length: -1', hidden],
      ['no length at all', 'Content-Length:', hidden],
      ['a huge length', 'Content-Length: 18446744073709551616', hidden],
      ['a length with a blank inside', `Content-Length: ${hidden.length} 0`, hidden],
      ['a carriage return alone', `X: y\rTransfer-Encoding: chunked\r\nContent-Length: ${chunked.length}`, chunked],
      ['a line feed alone', `X: y\nTransfer-Encoding: chunked\nX: z`, chunked],
      ['a chunk size with a sign', 'Transfer-Encoding: chunked', `+0\r\n\r\n${hidden}`],
      ['a chunk size in 0x', 'Transfer-Encoding: chunked', `0x0\r\n\r\n${hidden}`],
      ['a huge chunk', 'Transfer-Encoding: chunked', `10000000000000000\r\n\r\n${hidden}`],
      ['an extension with a line feed', 'Transfer-Encoding: chunked', `2;a\nxx\r\n${chunked}`],
      ['a chunk that is too long', 'Transfer-Encoding: chunked', `2\r\nxxxx\r\n${chunked}`],
      ['trailers', 'Transfer-Encoding: chunked', `0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`],
      ['an upgrade', `Connection: Upgrade, Content-Length\r\nUpgrade: h2c\r\nContent-Length: 2`, `xx${hidden}`],
      ['a length that Connection names', `Connection: Content-Length\r\nContent-Length: 2`, `xx${hidden}`],
    ])('%s', async (_, lines, body, version = 'HTTP/1.1') => {
      const [adaBefore, bobBefore] = [ada.seen.length, bob.counts.requests];
      const text = await talk(`POST /user/ada/upload ${version}\r\nHost: hub.test\r\n${lines}\r\n\r\n${body}${LAST}`);
      expect(text).toMatch(/^HTTP\/1\.[01] \d{3} /);
      // A body that the proxy took for the next request is one to all.
      expect(answeredBy(text).filter((name) => name === 'bob').length).toBe(bob.counts.requests - bobBefore);
      const seen = ada.seen.slice(adaBefore).map(({ url }) => url);
      expect(seen.filter((url) => url.includes('hidden'))).toEqual([]);
      expect(seen.length).toBeLessThanOrEqual(2);
    });
  });

  describe('whom a request is for, all agree', () => {
    test.each([
      ['two Hosts', 'Host: hub.test\r\nHost: other.test'],
      ['the same Host twice', 'Host: hub.test\r\nHost: hub.test'],
      ['a Host with a blank', 'Host: hub.test other.test'],
      ['a Host with a path', 'Host: hub.test/x'],
      ['a folded Host', 'Host: hub.test\r\n other.test'],
      ['a Host with a blank before its colon', 'Host : hub.test'],
      ['no Host', 'X: y'],
    ])('%s: 400', async (_, lines) => {
      const before = ada.counts.requests;
      const answer = await sendRaw(`GET /user/ada/x HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`, {
        port: box.port,
      });
      expect(answer.status).toBe(400);
      expect(ada.counts.requests).toBe(before);
    });

    differs('odd-hosts')('a Host that is none: 400', async () => {
      for (const host of ['hub.test@other.test', 'hub.test:80:81', 'hub.test:x', 'hub<test', '[::1', '::1', '"']) {
        expect((await box.get('/user/ada/x', [['Host', host]])).status, host).toBe(400);
      }
    });

    test.each(['http://url.test/user/ada/x', 'http://url.test:8443/user/ada/x', 'HTTP://url.test/user/ada/x'])(
      'of %s the backend gets the host, not the Host header (RFC 9112, 3.2.2)',
      async (target) => {
        const { headers } = (
          await rawRequest({ port: box.port, target, headers: [['Host', 'header.test']] })
        ).json<Seen>();
        const host = new URL(target).host;
        expect(values(headers, 'Host')).toEqual([host]);
        expect(values(headers, 'X-Forwarded-Host')).toEqual([host]);
        expect(values(headers, 'X-Forwarded-Port')).toEqual([new URL(target).port || '80']);
      },
    );
  });

  describe('what the proxy vouches for, no other spelling can forge', () => {
    test.each([
      'X_Forwarded_For',
      'X-Forwarded_For',
      'X_Forwarded-Proto',
      'x_forwarded_host',
      'X_FORWARDED_PORT',
      'Content_Length',
      'transfer_encoding',
    ])('%s is left out', async (name) => {
      const { headers } = (await box.get('/user/ada/x', [[name, 'forged']])).json<Seen>();
      expect(values(headers, name)).toEqual([]);
      // Of this one the client's own counts.
      if (/host/i.test(name)) return;
      const normal = name.replaceAll('_', '-');
      expect(values(headers, normal).join().split(/, ?/).at(-1)).not.toBe('forged');
    });

    test('nor that of a custom header', async () => {
      const own = await start(
        { '/': ada.url },
        '--custom-header',
        'X-Auth-User: nobody',
        '--custom-header',
        'Plain: 1',
      );
      const names = ['X-Auth-User', 'X_Auth_User', 'X-Auth_User', 'x_auth-user', 'PLAIN'];
      const { headers } = (
        await own.get(
          '/',
          names.map((name) => [name, 'root']),
        )
      ).json<Seen>();
      expect(headers.filter(([name]) => /^x.auth.user$|^plain$/i.test(name)).map(([, value]) => value)).toEqual(
        expect.arrayContaining(['nobody', '1']),
      );
      expect(headers.flat()).not.toContain('root');
    });

    test('nor can a client have it taken out as one that is about its connection', async () => {
      const own = await start({ '/': ada.url }, '--custom-header', 'X-Auth-User: nobody');
      const connection = 'close, X-Auth-User, X-Forwarded-For, X-Forwarded-Host, Host, Cookie';
      const { headers } = (await own.get('/', [['Connection', connection]])).json<Seen>();
      expect(values(headers, 'X-Auth-User')).toEqual(['nobody']);
      expect(values(headers, 'X-Forwarded-For')).toEqual(['127.0.0.1']);
      expect(values(headers, 'X-Forwarded-Host')).toHaveLength(1);
      expect(values(headers, 'Host')).toHaveLength(1);
    });

    test('other names with underscores pass', async () => {
      const { headers } = (await box.get('/user/ada/x', [['api_key', 'k']])).json<Seen>();
      expect(values(headers, 'api_key')).toEqual(['k']);
    });
  });

  describe('connections of clients', () => {
    test('after a handshake that was refused the next request is one of its own', async () => {
      const handshake = (path: string) =>
        `GET ${path} HTTP/1.1\r\nHost: hub.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
      const before = bob.counts.requests;
      const text = await talk(
        `${handshake('/user/ada/status/403')}GET /user/bob/x HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n\r\n`,
      );
      // Traefik closes the connection then.
      expect(answeredBy(text).slice(0, 1)).toEqual(['ada']);
      expect(answeredBy(text).slice(1)).toEqual(bob.counts.requests > before ? ['bob'] : []);
      expect(text).toMatch(/^HTTP\/1\.1 403 /);
    });

    const answers = {
      'more bytes than it said':
        'Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX-Backend: evil\r\nContent-Length: 0\r\n\r\n',
      'more chunks than it said':
        'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nX-Backend: evil\r\nContent-Length: 0\r\n\r\n',
      'a body with 204': '\r\nHTTP/1.1 200 OK\r\nX-Backend: evil\r\nContent-Length: 0\r\n\r\n',
      'a length and chunks': 'Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      'two lengths': 'Content-Length: 2\r\nContent-Length: 40\r\n\r\nok',
    };
    test.each(Object.entries(answers))(
      'a backend that sends %s gets no part of the next answer',
      async (what, rest) => {
        const status = what.includes('204') ? '204 No Content' : '200 OK';
        const evil = await startRawBackend((_, socket) => {
          socket.write(`HTTP/1.1 ${status}\r\nX-Backend: ada\r\n${rest}`);
          socket.end();
        });
        await box.add('/user/evil', evil.url);
        const text = await talk(
          `GET /user/evil/x HTTP/1.1\r\nHost: hub.test\r\n\r\nGET /user/bob/x HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n\r\n`,
        );
        expect(answeredBy(text)).not.toContain('evil');
        // One whole answer in front, or an end: never bytes that the client would take for another answer.
        const heads = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => code);
        expect(heads.length).toBeLessThanOrEqual(2);
        if (heads.length === 2) expect(answeredBy(text).at(-1)).toBe('bob');
      },
    );
  });

  describe('HTTP/2', () => {
    let secure: Signalbox;
    beforeAll(async () => {
      const root = await startBackend({ name: 'root' });
      secure = await start(
        { '/': root.url, '/ada.test': ada.url, '/bob.test': bob.url },
        ...tlsFlags(),
        '--host-routing',
      );
    });

    function request(headers: Record<string, string | string[]>): Promise<{ status: number; body: string }> {
      return new Promise((resolve, reject) => {
        const session = connectHttp2(`https://127.0.0.1:${secure.port}`, { rejectUnauthorized: false });
        session.on('error', reject);
        const stream = session.request({ ':path': '/x', ...headers });
        let status = 400;
        let body = '';
        stream.setEncoding('utf8');
        stream.on('response', (answer) => {
          status = Number(answer[':status']);
        });
        stream.on('data', (chunk: string) => {
          body += chunk;
        });
        stream.on('error', () => undefined);
        stream.on('close', () => {
          session.destroy();
          resolve({ status, body });
        });
        stream.end();
      });
    }

    test('cookies that a browser splits are one line again (RFC 9113, 8.2.3)', async () => {
      const { body } = await request({ ':authority': 'ada.test', cookie: ['a=1', 'b=2', 'c="3; 4"'] });
      expect(values((JSON.parse(body) as Seen).headers, 'Cookie')).toEqual(['a=1; b=2; c="3; 4"']);
    });

    test('a host header beside :authority changes nothing', async () => {
      const { status, body } = await request({ ':authority': 'ada.test', host: 'bob.test' });
      if (status === 400) return;
      const seen = JSON.parse(body) as Seen;
      expect([seen.backend, values(seen.headers, 'Host')]).toEqual(['ada', ['ada.test']]);
    });

    test.each(['../', 'ada.test/../bob.test', 'ada.test:bob.test'])(':authority %s is nobody', async (host) => {
      const { status, body } = await request({ ':authority': host });
      if (otherwise('odd-hosts')) expect((JSON.parse(body) as Seen).backend).not.toBe('bob');
      else expect(status).toBe(400);
    });
  });
});
