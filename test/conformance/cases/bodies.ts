import type { Case, Group, RequestStep } from '../case.ts';
import { ADA, get } from './make.ts';

const post = (body: RequestStep['body'], more: Partial<RequestStep> = {}): RequestStep => ({
  request: 'POST /user/ada/x',
  ...(body === undefined ? {} : { body }),
  ...more,
});

/** Methods to which configurable-http-proxy adds something when they have no body. */
function bodyless(method: string): Case {
  return {
    name: `${method} without a body`,
    routes: ADA,
    steps: [{ request: `${method} /user/ada/x` }],
    expect: { status: 200, 'seen.method': method, 'seen.body': '', 'seen.headers.transfer-encoding': null },
    difference: {
      chp: { 'seen.headers.content-length': '0' },
      signalbox: { 'seen.headers.content-length': null },
      why: 'configurable-http-proxy adds `Content-Length: 0` to DELETE and OPTIONS; nginx passes the request as it came.',
    },
  };
}

const hostless = (path: string) => ({ raw: `GET ${path} HTTP/1.0\r\n\r\n` });
const NO_FORWARDED_HOST = {
  chp: { 'seen.headers.x-forwarded-host': '' },
  signalbox: { 'seen.headers.x-forwarded-host': null },
  why: 'A client that names no host has none to be passed on; configurable-http-proxy passes an empty one on.',
};

export const bodyGroup: Group = {
  title: 'Bodies',
  cases: [
    {
      name: 'an empty one',
      routes: ADA,
      steps: [post('')],
      expect: { status: 200, 'seen.body': '', 'seen.headers.content-length': '0' },
    },
    {
      name: 'a sized one',
      routes: ADA,
      steps: [post('some text')],
      expect: { 'seen.body': 'some text', 'seen.headers.content-length': '9' },
    },
    {
      // How it is framed at the backend depends on whether it came together with its head.
      name: 'a short one in a chunk',
      routes: ADA,
      steps: [post('some text', { chunked: true })],
      compare: ['status', 'body', 'seen.method', 'seen.url', 'seen.body'],
      expect: { status: 200, 'seen.body': 'some text' },
    },
    { name: 'one of 5 MB', routes: ADA, steps: [post(5_000_000)], expect: { 'seen.body': /^5000000 bytes/ } },
    {
      name: 'one of 5 MB in chunks',
      routes: ADA,
      steps: [post(5_000_000, { chunked: true })],
      expect: {
        'seen.body': /^5000000 bytes/,
        'seen.headers.transfer-encoding': 'chunked',
        'seen.headers.content-length': null,
      },
    },
    {
      name: 'PUT',
      routes: ADA,
      steps: [{ request: 'PUT /user/ada/x', body: 'put' }],
      expect: { 'seen.method': 'PUT', 'seen.body': 'put' },
    },
    {
      name: 'PATCH',
      routes: ADA,
      steps: [{ request: 'PATCH /user/ada/x', body: 'p' }],
      expect: { 'seen.method': 'PATCH', 'seen.body': 'p' },
    },
    bodyless('OPTIONS'),
    bodyless('DELETE'),
    {
      name: 'a method of WebDAV',
      routes: ADA,
      steps: [{ request: 'PROPFIND /user/ada/x', body: '<x/>' }],
      expect: { 'seen.method': 'PROPFIND', 'seen.body': '<x/>' },
    },
    {
      name: 'GET with a body',
      routes: ADA,
      steps: [{ request: 'GET /user/ada/x', body: 'odd' }],
      expect: { 'seen.body': 'odd' },
    },
    {
      name: '100-continue',
      routes: ADA,
      steps: [post('after leave', { headers: [['Expect', '100-continue']] })],
      expect: { interim: 100, status: 200, 'seen.body': 'after leave' },
      compare: ['status', 'body', 'interim', 'seen.body', 'seen.url'],
    },
    {
      name: 'HEAD',
      routes: ADA,
      steps: [{ request: 'HEAD /user/ada/x', answer: { headers: [['Content-Length', '1234']] } }],
      expect: { status: 200, body: '', 'headers.content-length': '1234', 'seen.method': 'HEAD' },
    },
    {
      name: '204',
      routes: ADA,
      steps: [get('/user/ada', { answer: { status: 204, headers: [] } })],
      expect: { status: 204, body: '' },
    },
    {
      name: '304',
      routes: ADA,
      steps: [get('/user/ada', { answer: { status: 304, headers: [['ETag', '"x"']] } })],
      expect: { status: 304, body: '', 'headers.etag': '"x"' },
    },
    {
      name: 'an empty answer',
      routes: ADA,
      steps: [get('/user/ada', { answer: { body: '' } })],
      expect: { body: '', 'headers.content-length': '0' },
    },
    {
      name: 'an answer of 5 MB',
      routes: ADA,
      steps: [get('/user/ada', { answer: { body: 5_000_000 } })],
      expect: { body: /^5000000 bytes/, complete: 'true' },
    },
    {
      name: 'a chunked answer',
      routes: ADA,
      steps: [get('/user/ada', { answer: { chunks: ['one ', 'two ', 'three'] } })],
      expect: { body: 'one two three', complete: 'true', 'headers.transfer-encoding': 'chunked' },
    },
    {
      name: 'an error of the backend with its page',
      routes: ADA,
      steps: [
        get('/user/ada', { answer: { status: 503, body: 'my own page' } }),
        get('/user/ada', { answer: { status: 404, body: 'mine' } }),
      ],
      expect: { status: 503, body: 'my own page', '2:status': 404, '2:body': 'mine' },
    },
    {
      name: 'an answer that ends with its connection',
      routes: ADA,
      steps: [
        get('/user/ada', { answer: { raw: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end' } }),
      ],
      expect: { status: 200, body: 'until the end', complete: 'true' },
    },
    {
      name: 'an answer of HTTP/1.0',
      routes: ADA,
      steps: [get('/user/ada', { answer: { raw: 'HTTP/1.0 200 Fine\r\nContent-Type: text/plain\r\n\r\nold' } })],
      expect: { status: 200, reason: 'Fine', body: 'old' },
    },
    {
      name: 'an answer that breaks off',
      routes: ADA,
      steps: [
        get('/user/ada', { answer: { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart' }, timeout: 500 }),
      ],
      compare: ['seen.url'],
      difference: {
        chp: { error: 'no answer in time', complete: null },
        signalbox: { error: null, complete: 'false' },
        why: 'configurable-http-proxy leaves the client waiting for the rest; nginx closes the connection.',
      },
    },
    {
      name: 'a request of HTTP/1.0',
      routes: ADA,
      steps: [{ raw: 'GET /user/ada/x HTTP/1.0\r\nHost: h\r\n\r\n' }],
      expect: { status: 200, body: 'hello from backend', 'seen.headers.host': 'h' },
    },
    {
      name: 'a request of HTTP/1.0 without Host',
      routes: ADA,
      steps: [hostless('/user/ada/x')],
      difference: NO_FORWARDED_HOST,
      expect: { status: 200, body: 'hello from backend', 'seen.headers.host': '127.0.0.1:<backend>' },
    },
    {
      name: 'a request of HTTP/1.0 without Host, --change-origin',
      routes: ADA,
      flags: ['--change-origin'],
      steps: [hostless('/user/ada/x')],
      difference: NO_FORWARDED_HOST,
      expect: { status: 200, 'seen.headers.host': '127.0.0.1:<backend>' },
    },
    {
      name: 'a request of HTTP/1.0 without Host, --host-routing',
      routes: { '/': '{backend}', '/hub.example': '{other}' },
      flags: ['--host-routing'],
      steps: [hostless('/x')],
      difference: NO_FORWARDED_HOST,
      expect: { status: 200, body: 'hello from backend', 'seen.headers.host': '127.0.0.1:<backend>' },
    },
  ],
};
