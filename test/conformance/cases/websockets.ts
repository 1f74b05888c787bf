import type { Group } from '../case.ts';
import { ADA } from './make.ts';

const ws = '/user/ada/ws';

export const websocketGroup: Group = {
  title: 'Websockets',
  cases: [
    {
      name: 'text and binary come back',
      routes: ADA,
      steps: [{ ws, send: ['one', 10, 'drei: ü\u{1f600}'] }],
      expect: { status: 101, close: 1000, messages: /^\["one","binary .*","drei: ü/, 'seen.url': ws },
    },
    {
      name: 'a message of 1 MB',
      routes: ADA,
      steps: [{ ws, send: [1_000_000] }],
      expect: { messages: /binary 1000000 bytes/, close: 1000 },
    },
    {
      name: 'a subprotocol',
      routes: ADA,
      steps: [{ ws, protocols: ['v1.kernel.websocket.jupyter.org', 'other'], send: ['x'] }],
      expect: {
        'headers.sec-websocket-protocol': 'v1.kernel.websocket.jupyter.org',
        'seen.headers.sec-websocket-protocol': 'v1.kernel.websocket.jupyter.org,other',
      },
    },
    {
      name: 'no message at all',
      routes: ADA,
      steps: [{ ws }],
      expect: { status: 101, close: 1000 },
    },
    {
      name: 'the backend closes with a code',
      routes: ADA,
      steps: [{ ws, send: ['please close', 'never answered'] }],
      expect: { close: 4321, 'close reason': 'as asked' },
    },
    {
      name: 'headers of the handshake',
      routes: ADA,
      steps: [
        { ws, headers: { Origin: 'http://hub.example', Cookie: 'a=1', 'X-Forwarded-For': '10.0.0.1' }, send: ['x'] },
      ],
      expect: {
        'seen.headers.origin': 'http://hub.example',
        'seen.headers.cookie': 'a=1',
        'seen.headers.x-forwarded-for': '10.0.0.1,127.0.0.1',
        'seen.headers.x-forwarded-proto': 'ws',
        'seen.headers.x-forwarded-host': null,
        'seen.headers.x-forwarded-port': '<public>',
        'seen.headers.upgrade': 'websocket',
      },
    },
    {
      name: 'the backend refuses',
      routes: ADA,
      steps: [{ ws, answer: { raw: 'HTTP/1.1 403 Not You\r\nX-Why: no\r\nContent-Length: 9\r\n\r\ngo away, ' } }],
      expect: { status: 403, reason: 'Not You', body: 'go away, ' },
    },
    {
      name: 'the backend redirects',
      routes: ADA,
      steps: [
        {
          request: `GET ${ws}`,
          headers: [
            ['Connection', 'Upgrade'],
            ['Upgrade', 'websocket'],
            ['Sec-WebSocket-Version', '13'],
            ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
          ],
          answer: { raw: 'HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' },
        },
      ],
      expect: { status: 302, 'headers.location': '/login' },
    },
    {
      name: 'no route',
      routes: ADA,
      steps: [{ ws: '/user/bob' }],
      compare: ['status', 'error', 'seen*'],
      expect: { status: 404, 'seen.count': 0 },
    },
    {
      name: 'a dead backend',
      routes: { '/a': '{dead}' },
      steps: [{ ws: '/a' }],
      compare: ['status', 'error'],
      expect: { status: 503 },
    },
    {
      name: 'a target that is no URL',
      routes: { '/a': 'nonsense' },
      steps: [{ ws: '/a' }],
      compare: ['status', 'error'],
      expect: { status: 500 },
    },
    {
      name: 'through a unix socket',
      routes: { '/a': '{unix}/base' },
      steps: [{ ws: '/a/ws', send: ['x'] }],
      expect: { messages: '["x"]', 'seen.url': '/base/a/ws' },
    },
    {
      name: 'encodings of the path',
      routes: { '/user/a%40b': '{backend}' },
      steps: [{ ws: '/user/a%40b/%2F%20?token=%25', send: ['x'] }],
      expect: { messages: '["x"]', 'seen.url': '/user/a%40b/%2F%20?token=%25' },
    },
    {
      name: 'Upgrade to something else',
      routes: ADA,
      steps: [
        {
          request: 'GET /user/ada/x',
          headers: [
            ['Connection', 'Upgrade, HTTP2-Settings'],
            ['Upgrade', 'h2c'],
            ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
          ],
          timeout: 1_000,
        },
      ],
      compare: ['interim'],
      expect: { 'seen.headers.upgrade': null },
      difference: {
        chp: { error: 'closed without an answer', status: null },
        signalbox: { error: null, status: 200 },
        why: 'configurable-http-proxy drops the connection. Signalbox ignores the wish, as a server may (RFC 9110 section 7.8).',
      },
    },
  ],
};
