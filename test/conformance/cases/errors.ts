import type { Case, Group, Script } from '../case.ts';
import { CUSTOM_HEADERS, CUSTOM_HOST, ERROR_PAGES, ERROR_TARGET, NO_ERROR_PAGES } from './flags.ts';
import { ADA, get, PAGE } from './make.ts';

/** A backend that does this to a request is unavailable. */
function broken(name: string, raw: string): Case {
  const answer: Script = { raw };
  return {
    name,
    routes: ADA,
    steps: [get('/user/ada/x', { answer })],
    compare: PAGE,
    expect: { status: 503, 'seen.count': 1 },
  };
}

export const errorGroup: Group = {
  title: 'Errors',
  cases: [
    {
      name: 'no route',
      steps: [get('/user/bob?x')],
      compare: PAGE,
      expect: { status: 404, reason: 'Not Found', 'headers.content-type': 'text/html' },
    },
    {
      name: 'a dead backend',
      routes: { '/a': '{dead}' },
      steps: [get('/a')],
      compare: PAGE,
      expect: { status: 503, 'headers.content-type': 'text/html' },
    },
    {
      name: 'the reason of a 503',
      routes: { '/a': '{dead}' },
      steps: [get('/a')],
      compare: ['status'],
      difference: {
        chp: { reason: 'Service Unavailable' },
        signalbox: { reason: 'Service Temporarily Unavailable' },
        why: 'The words are those of nginx; no client reads them (RFC 9112 section 4).',
      },
    },
    {
      name: 'a dead backend and a POST',
      routes: { '/a': '{dead}' },
      steps: [{ request: 'POST /a', body: 'x' }],
      compare: PAGE,
      expect: { status: 503 },
    },
    {
      name: 'HEAD without a route',
      steps: [{ request: 'HEAD /a' }],
      compare: ['status', 'reason', 'body'],
      expect: { status: 404, body: '' },
    },
    {
      name: 'a target that is no URL',
      routes: { '/a': 'nonsense' },
      steps: [get('/a')],
      compare: PAGE,
      expect: { status: 500, reason: 'Internal Server Error' },
    },
    {
      name: 'a target of another scheme',
      routes: { '/a': 'ftp://127.0.0.1/' },
      steps: [get('/a')],
      compare: PAGE,
      expect: { status: 500 },
    },
    {
      name: 'a host that does not exist',
      routes: { '/a': 'http://no-such-host.invalid' },
      steps: [get('/a')],
      compare: PAGE,
      expect: { status: 503 },
    },
    broken('a backend that hangs up', ''),
    {
      ...broken('a backend that is no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'),
      fault: 'nginx takes an answer without a status line for one of HTTP/0.9, and passes its bytes on as they are.',
    },
    broken('a backend that hangs up in its head', 'HTTP/1.1 200 OK\r\nX-'),
    {
      name: 'a unix socket that is not there',
      routes: { '/a': 'http+unix://%2Fnowhere%2Fsock' },
      steps: [get('/a')],
      compare: PAGE,
      expect: { status: 503 },
    },

    {
      name: '--error-target: 404',
      flags: ERROR_TARGET,
      steps: [
        get('/user/bob?x=%20&y', {
          answer: { headers: [['Content-Type', 'text/html; charset=utf-8']], body: '<h1>lost</h1>' },
        }),
      ],
      compare: [
        'status',
        'reason',
        'headers.content-type',
        'body',
        'complete',
        'seen.backend',
        'seen.method',
        'seen.count',
      ],
      expect: {
        status: 404,
        body: '<h1>lost</h1>',
        'headers.content-type': 'text/html; charset=utf-8',
        'seen.backend': 'error',
        'seen.method': 'GET',
        'seen.url': /^\/404\?url=/,
      },
    },
    {
      name: '--error-target: how the URL is encoded',
      flags: ERROR_TARGET,
      steps: [get('/x')],
      compare: ['status', 'seen.told'],
      difference: {
        chp: { 'seen.url': '/404?url=%2Fx' },
        signalbox: { 'seen.url': '/404?url=/x' },
        why: 'A slash in a query needs no encoding (RFC 3986 section 3.4); both mean the same.',
      },
    },
    {
      name: '--error-target: any URL comes through',
      flags: ERROR_TARGET,
      steps: [
        get('/user/bob/@:%2F~!%25/%C3%BC?x=%20&y=a+b&&z=%26%3D"'),
        get('/user/bob?next=/user/x/?&url=http://a.example/'),
        get('/a;b=c//d?'),
      ],
      compare: ['status', 'seen.told'],
      expect: {
        status: 404,
        'seen.told': '/user/bob/@:%2F~!%25/%C3%BC?x=%20&y=a+b&&z=%26%3D"',
        '2:seen.told': '/user/bob?next=/user/x/?&url=http://a.example/',
        '3:seen.told': '/a;b=c//d?',
      },
    },
    {
      name: '--error-target: a query with dot segments',
      flags: ERROR_TARGET,
      steps: [get('/user/bob?next=/a/../b')],
      compare: ['status'],
      expect: { status: 404 },
      difference: {
        chp: { 'seen.told': '/user/bob?next=/a/../b' },
        signalbox: { 'seen.told': '/user/bob' },
        why: 'nginx would resolve them on the way to the error target. Signalbox leaves such a query out.',
      },
    },
    {
      name: '--error-target: 503 of a POST',
      flags: ERROR_TARGET,
      routes: { '/a': '{dead}' },
      steps: [{ request: 'POST /a/b', body: 'secret' }],
      compare: ['status', 'headers.content-type', 'body', 'seen.told', 'seen.method', 'seen.body', 'seen.count'],
      expect: { status: 503, body: 'hello from error', 'seen.told': '/a/b', 'seen.method': 'GET', 'seen.body': '' },
    },
    {
      name: '--error-target: 500',
      flags: ERROR_TARGET,
      routes: { '/a': 'nonsense' },
      steps: [get('/a')],
      compare: ['status', 'reason', 'body', 'seen.told'],
      expect: { status: 500, body: 'hello from error', 'seen.told': '/a', 'seen.url': /^\/500\?/ },
    },
    {
      name: '--error-target: its status and other headers are not passed',
      flags: ERROR_TARGET,
      steps: [
        get('/x', {
          answer: {
            status: 200,
            headers: [
              ['Content-Type', 'text/x'],
              ['Content-Encoding', 'br'],
              ['Set-Cookie', 'a=1'],
              ['Location', '/login'],
            ],
          },
        }),
        get('/x', { answer: { status: 418, body: 'tea' } }),
      ],
      compare: [
        'status',
        'reason',
        'headers.content-type',
        'headers.content-encoding',
        'headers.set-cookie',
        'headers.location',
        'body',
      ],
      expect: {
        status: 404,
        'headers.content-type': 'text/x',
        'headers.content-encoding': 'br',
        'headers.set-cookie': null,
        '2:status': 404,
        '2:body': 'tea',
      },
    },
    {
      name: '--error-target: no other header of its is passed',
      flags: ERROR_TARGET,
      steps: [
        get('/x', {
          answer: {
            headers: ['Cache-Control', 'ETag', 'Refresh', 'WWW-Authenticate', 'Content-Disposition', 'X-Other'].map(
              (name) => [name, 'x'] as [string, string],
            ),
          },
        }),
      ],
      compare: ['status', 'headers.*'],
      expect: { status: 404 },
      difference: {
        chp: { 'headers.x-other': null, 'headers.content-length': null },
        signalbox: { 'headers.x-other': 'x', 'headers.content-length': '16' },
        why: 'nginx can hold back headers by name alone: those that would do something are, others pass.',
      },
    },
    {
      name: '--error-target: nothing of the client reaches it',
      flags: ERROR_TARGET,
      steps: [
        get('/x', {
          headers: [
            ['Cookie', 'secret'],
            ['Authorization', 'token secret'],
          ],
        }),
      ],
      compare: ['status', 'seen.told', 'seen.headers.cookie', 'seen.headers.authorization', 'seen.headers.host'],
      expect: {
        'seen.headers.cookie': null,
        'seen.headers.authorization': null,
        'seen.headers.host': '127.0.0.1:<error>',
      },
    },
    {
      name: '--error-target with a path',
      flags: CUSTOM_HOST,
      steps: [get('/x')],
      compare: ['status', 'body', 'seen.told'],
      expect: { status: 404, 'seen.url': /^\/hub\/error\/404\?/, 'seen.told': '/x' },
    },
    {
      name: '--error-target that is down',
      flags: CUSTOM_HEADERS,
      steps: [get('/x')],
      compare: ['status', 'reason', 'complete'],
      expect: { status: 404 },
    },
    {
      name: '--error-target that hangs up',
      flags: ERROR_TARGET,
      steps: [get('/x', { answer: { raw: '' } })],
      compare: ['status', 'reason', 'complete'],
      expect: { status: 404 },
    },
    {
      name: '--error-target and a websocket',
      flags: ERROR_TARGET,
      routes: { '/a': '{dead}' },
      steps: [{ ws: '/a' }, { ws: '/nobody' }],
      compare: ['status', 'error'],
      expect: { status: 503, '2:status': 404 },
      difference: {
        chp: { body: '', 'seen.count': 0, '2:body': '', '2:seen.count': 0 },
        signalbox: { body: 'hello from error', 'seen.count': 1, '2:body': 'hello from error', '2:seen.count': 1 },
        why: 'For nginx a refused upgrade is a request like others and has a page. No browser shows it.',
      },
    },
    {
      name: 'an error of the backend is not replaced by --error-target',
      flags: ERROR_TARGET,
      routes: ADA,
      steps: [get('/user/ada', { answer: { status: 503, body: 'mine' } })],
      expect: { status: 503, body: 'mine', 'seen.count': 1, 'seen.backend': 'backend' },
    },
    {
      name: '--error-path: its page for the code',
      flags: ERROR_PAGES,
      steps: [get('/x')],
      compare: ['status', 'headers.content-type', 'body', 'complete'],
      expect: { status: 404, body: '<h1>lost: "$uri" {{ code }}</h1>\n', 'headers.content-type': 'text/html' },
    },
    {
      name: '--error-path: the page for the others',
      flags: ERROR_PAGES,
      routes: { '/a': '{dead}', '/b': 'nonsense' },
      steps: [get('/a'), get('/b')],
      compare: ['status', 'headers.content-type', 'body', 'complete'],
      expect: { status: 503, body: '<h1>some error</h1>\n', '2:status': 500, '2:body': '<h1>some error</h1>\n' },
    },
    {
      name: '--error-path without pages',
      flags: NO_ERROR_PAGES,
      steps: [get('/x')],
      compare: ['status', 'complete'],
      expect: { status: 404 },
    },
    {
      name: '--proxy-timeout',
      flags: NO_ERROR_PAGES,
      routes: ADA,
      steps: [get('/user/ada', { answer: { silent: true } })],
      compare: ['status', 'seen.url'],
      expect: { status: 503 },
    },
  ],
};
