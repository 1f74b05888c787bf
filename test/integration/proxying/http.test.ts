import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { headerOf, ResponseReader } from '../../support/http-response.ts';
import { connect, rawRequest, sendRaw } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { describeCombinations } from './combinations.ts';
import { listen, startRawBackend } from './raw-backend.ts';

describeCombinations(({ start, driver, version, differs, otherwise }) => {
  let box: Signalbox;
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend();
    box = await start({ '/': backend.url, '/user/ada': backend.url });
  });

  /** Lets a backend that writes these bytes answer on a route of its own. */
  async function answering(key: string, bytes: string): Promise<void> {
    await box.add(key, (await startRawBackend((_, socket) => socket.end(bytes, 'latin1'))).url);
  }

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'MKCOL', 'LOCK', 'REPORT', 'M-SEARCH'])(
    'method %s passes with its body',
    async (method) => {
      const { status } = await rawRequest({ port: box.port, method, target: '/user/ada/m', body: 'body' });
      expect(status).toBe(200);
      expect(backend.seen.at(-1)).toMatchObject({ method, bodyBytes: 4 });
    },
  );

  test.each([
    ['TRACE', [405]],
    ['CONNECT', [400, 405]],
    ['get', [400]],
  ])('unlike with CHP, nginx itself refuses method %s', async (method, statuses) => {
    const { status } = await rawRequest({ port: box.port, method, target: '/user/ada' });
    // Traefik passes all of them on, as CHP does; the backend of this test knows no CONNECT.
    expect(otherwise('methods') ? [200, 400, 501] : statuses).toContain(status);
  });

  describe('answers without a body', () => {
    test('HEAD gets the headers of GET, the length too, and the connection stays usable', async () => {
      const answers = await exchange(
        'HEAD /user/ada/bytes/70000 HTTP/1.1\r\nHost: x\r\n\r\nGET /user/ada/status/200 HTTP/1.1\r\nHost: x\r\n\r\n',
        ['HEAD', 'GET'],
      );
      expect(headerOf(answers[0]?.headers ?? [], 'Content-Length')).toBe('70000');
      expect(answers[1]?.body.toString()).toBe('status 200');
    });

    test('204', async () => {
      const answer = await box.get('/user/ada/status/204');
      expect(answer).toMatchObject({ status: 204, complete: true });
      expect(answer.header('Transfer-Encoding')).toBeUndefined();
      expect(answer.header('Content-Length')).toBeUndefined();
    });

    test('304 keeps its ETag, and conditions reach the backend', async () => {
      await answering('/cached', 'HTTP/1.1 304 Not Modified\r\nETag: "abc"\r\n\r\n');
      const answer = await box.get('/cached', [['If-None-Match', '"abc"']]);
      expect(answer).toMatchObject({ status: 304, complete: true });
      expect(answer.header('ETag')).toBe('"abc"');
      await box.get('/user/ada', [['If-None-Match', '"abc"']]);
      expect(headerOf(backend.seen.at(-1)?.headers ?? [], 'If-None-Match')).toBe('"abc"');
    });

    test('an empty answer', async () => {
      await answering('/empty', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      expect(await box.get('/empty')).toMatchObject({ status: 200, complete: true, body: Buffer.alloc(0) });
    });
  });

  describe('answers', () => {
    test('in chunks', async () => {
      const answer = await box.get('/user/ada/chunked');
      expect(answer).toMatchObject({ status: 200, complete: true });
      expect(answer.header('Transfer-Encoding')).toBe('chunked');
      expect(answer.text()).toBe('one two three');
    });

    test('that end with the connection', async () => {
      await answering('/until-close', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end');
      expect((await box.get('/until-close')).text()).toBe('until the end');
    });

    test('of an HTTP/1.0 backend', async () => {
      await answering('/old', 'HTTP/1.0 200 OK\r\n\r\nold');
      const answer = await box.get('/old');
      expect(answer).toMatchObject({ status: 200, complete: true });
      expect(answer.text()).toBe('old');
    });

    test('with a part of the body only (206, Content-Range)', async () => {
      await answering('/part', 'HTTP/1.1 206 Partial\r\nContent-Range: bytes 1-2/4\r\nContent-Length: 2\r\n\r\nbc');
      const answer = await box.get('/part', [['Range', 'bytes=1-2']]);
      expect(answer.status).toBe(206);
      expect(answer.header('Content-Range')).toBe('bytes 1-2/4');
      expect(answer.text()).toBe('bc');
    });

    test('a Range that the backend ignores is not cut out by nginx', async () => {
      const answer = await box.get('/user/ada/bytes/1000', [['Range', 'bytes=0-9']]);
      expect(answer.status).toBe(200);
      expect(answer.body).toHaveLength(1_000);
    });

    test.each([1, 4_095, 80 * 1024, 1_000_003])('of %i bytes', async (size) => {
      expect((await box.get(`/user/ada/bytes/${size}`)).body).toHaveLength(size);
    });

    differs('early-answers')('that come before the request was sent whole', async () => {
      await answering('/early', 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
      const answer = await sendRaw(
        'POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\npart',
        { port: box.port },
        'POST',
      );
      expect(answer.status).toBe(413);
      expect(answer.text()).toBe('big');
    });

    const ownStatuses = otherwise('own-502-504') ? [404, 500, 503] : [404, 500, 502, 503, 504];
    test.each(ownStatuses)('of status %i by the backend itself pass untouched', async (status) => {
      const answer = await box.get(`/user/ada/status/${status}`);
      expect(answer.status).toBe(status);
      expect(answer.text()).toBe(`status ${status}`);
      expect(answer.header('X-Backend')).toBe('backend');
    });

    test.each([301, 302, 307, 401, 403, 418, 429, 431, 499, 598])('of status %i pass untouched', async (status) => {
      expect((await box.get(`/user/ada/status/${status}`)).text()).toBe(`status ${status}`);
    });
  });

  describe('request bodies', () => {
    test.each([0, 1, 1_023, 65_536, 5_000_001])('of %i bytes with a length', async (size) => {
      const body = Buffer.alloc(size, 'body');
      const { status } = await rawRequest({ port: box.port, method: 'POST', target: '/user/ada/upload', body });
      expect(status).toBe(200);
      const bodySha256 = createHash('sha256').update(body).digest('hex');
      expect(backend.seen.at(-1)).toMatchObject({ method: 'POST', bodyBytes: size, bodySha256 });
      expect(headerOf(backend.seen.at(-1)?.headers ?? [], 'Content-Length')).toBe(String(size));
    });

    test('in chunks', async () => {
      const answer = await rawRequest({
        port: box.port,
        method: 'POST',
        target: '/user/ada/upload',
        headers: [['Transfer-Encoding', 'chunked']],
        body: '3\r\none\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n',
      });
      expect(answer.json()).toMatchObject({ bytes: 13 });
    });

    test('a POST without any length has no body', async () => {
      const answer = await sendRaw('POST /user/ada HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', {
        port: box.port,
      });
      expect(answer.status).toBe(200);
      expect(backend.seen.at(-1)).toMatchObject({ method: 'POST', bodyBytes: 0 });
    });

    test('GET and DELETE may have one', async () => {
      for (const method of ['GET', 'DELETE']) {
        await rawRequest({ port: box.port, method, target: '/user/ada', body: 'odd' });
        expect(backend.seen.at(-1)).toMatchObject({ method, bodyBytes: 3 });
      }
    });

    test('a client that expects 100-continue is told to go on', async () => {
      const socket = connect({ port: box.port });
      onCleanup(() => socket.destroy());
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.write('POST /user/ada/upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
      await until(() => text.includes('HTTP/1.1 100 Continue\r\n\r\n'), { what: '100 Continue' });
      socket.write('body');
      await until(() => text.includes('"bytes":4'), { what: 'the answer' });
      socket.destroy();
    });

    test.each([
      ['two lengths', 'Content-Length: 3\r\nContent-Length: 4'],
      ['a length that is no number', 'Content-Length: 3x'],
      ['an unknown coding', 'Transfer-Encoding: gzip, chunked'],
    ])('a request with %s is refused: it could smuggle another one in', async (_, lines) => {
      const bytes = `POST /user/ada HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n0\r\n\r\n`;
      expect([400, 501]).toContain((await sendRaw(bytes, { port: box.port })).status);
    });
  });

  test('a request with both a length and chunks is refused, or goes by its chunks alone (RFC 9112, 6.3)', async () => {
    const lines = 'Content-Length: 3\r\nTransfer-Encoding: chunked';
    const bytes = `POST /user/ada/upload HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
    const answer = await sendRaw(bytes, { port: box.port });
    if (driver === 'nginx') expect([400, 501]).toContain(answer.status);
    else expect([answer.status, answer.json()]).toEqual([200, expect.objectContaining({ bytes: 5 })]);
  });

  describe('client connections', () => {
    test('an HTTP/1.0 client gets an answer without chunks that ends with the connection', async () => {
      const answer = await sendRaw('GET /user/ada/chunked HTTP/1.0\r\nHost: x\r\n\r\n', { port: box.port });
      expect(answer).toMatchObject({ status: 200, complete: true });
      expect(answer.header('Transfer-Encoding')).toBeUndefined();
      expect(answer.text()).toBe('one two three');
    });

    test('requests sent at once are answered in their order', async () => {
      const statuses = [201, 404, 202, 503, 203];
      const requests = statuses.map((status) => `GET /user/ada/status/${status} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const answers = await exchange(
        requests.join(''),
        statuses.map(() => 'GET'),
      );
      expect(answers.map(({ status }) => status)).toEqual(statuses);
    });

    test('are kept alive, also over our own pages and uploads', async () => {
      const answers = await exchange(
        [
          'POST /user/ada/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc',
          'GET /_chp_healthz HTTP/1.1\r\nHost: x\r\n\r\n',
          'POST /user/ada/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
          'GET /user/ada/status/200 HTTP/1.1\r\nHost: x\r\n\r\n',
        ].join(''),
        ['POST', 'GET', 'POST', 'GET'],
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    });

    test('an interim answer of the backend (103) does not get in the way of the final one', async () => {
      const server = createServer((_, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        response.end('final');
      });
      await box.add('/hints', `http://127.0.0.1:${await listen(server)}`);
      onCleanup(() => server.close());
      const answer = await box.get('/hints');
      expect(answer.status).toBe(200);
      expect(answer.text()).toBe('final');
    });

    test('nor of the next request on that connection', async ({ skip }) => {
      // See "What nginx takes from a backend" in docs/nginx.md.
      if (driver === 'nginx' && Number(version.split('.')[1]) < 29)
        skip('nginx before 1.29 takes the 103 for the answer');
      const { url } = await startRawBackend((_, socket) =>
        socket.write(
          'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfinal',
        ),
      );
      await box.add('/kept-hints', url);
      const request = 'GET /kept-hints HTTP/1.1\r\nHost: x\r\n\r\n';
      const answers = await exchange(request.repeat(2), ['GET', 'GET']);
      expect(answers.map(({ status, body }) => [status, body.toString()])).toEqual([
        [200, 'final'],
        [200, 'final'],
      ]);
    });
  });

  test('/_chp_healthz answers before any route, with any query', async () => {
    for (const target of ['/_chp_healthz', '/_chp_healthz?x']) {
      const answer = await box.get(target);
      expect(answer.status).toBe(200);
      if (otherwise('health-body')) expect(answer.text()).toBe('OK');
      else {
        expect(answer.json()).toEqual({ status: 'OK' });
        expect(answer.header('Content-Type')).toBe('application/json');
      }
    }
    for (const target of ['/_chp_healthz/', '/_chp_healthz/x', '/x/_chp_healthz', '/_CHP_healthz']) {
      expect((await box.get(target)).header('X-Backend')).toBe('backend');
    }
  });

  /** Sends bytes on one connection and reads an answer to each method. */
  async function exchange(bytes: string, methods: string[]) {
    const socket = connect({ port: box.port });
    onCleanup(() => socket.destroy());
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(bytes);
    let last = 0;
    await until(
      () => {
        const done = last > 0 && chunks.length === last;
        last = chunks.length;
        return done && readAll(Buffer.concat(chunks), methods).length === methods.length;
      },
      { what: `${methods.length} answers` },
    );
    socket.destroy();
    return readAll(Buffer.concat(chunks), methods);
  }
});

/** Splits what came on one connection into answers. */
function readAll(bytes: Buffer, methods: string[]) {
  const answers = [];
  let rest = bytes;
  for (const method of methods) {
    // The reader has no remainder: feed it as much as it needs.
    let used = rest.indexOf('\r\n\r\n') + 4;
    const reader = new ResponseReader(method);
    let answer = reader.push(rest.subarray(0, used));
    while (!answer && used < rest.length) answer = reader.push(rest.subarray(used, ++used));
    if (!answer) break;
    answers.push(answer);
    rest = rest.subarray(used);
  }
  return answers;
}
