import type { Case, Group } from '../case.ts';
import { ADA, get, PAGE } from './make.ts';

/** Which of two backends gets the request; none: nobody's route. */
function choice(
  name: string,
  routes: Record<string, string>,
  target: string,
  backend: string | null,
  more: Partial<Case> = {},
): Case {
  return {
    name,
    routes,
    steps: [get(target)],
    ...(backend === null
      ? { compare: PAGE, expect: { status: 404, 'seen.count': 0 } }
      : { expect: { status: 200, 'seen.backend': backend } }),
    ...more,
  };
}

/** What the backend sees of such a path is another matter (paths.ts). */
const CHOICE = { compare: ['status', 'body', 'seen.backend', 'seen.count'] };

const both = { '/': '{other}', '/user/ada': '{backend}' };

export const routingGroup: Group = {
  title: 'Choosing the route',
  cases: [
    choice('the route itself', both, '/user/ada', 'backend'),
    choice('with a slash', both, '/user/ada/', 'backend'),
    choice('below it', both, '/user/ada/lab/tree?x=/y', 'backend'),
    choice('a prefix ends at a slash', both, '/user/adam', 'other'),
    choice('a prefix of the key is not enough', both, '/user', 'other'),
    choice('a query is no part of the path', both, '/user?/user/ada', 'other'),
    choice('no route', ADA, '/user/bob', null),
    choice('no route at all', {}, '/', null),
    choice('the deepest wins', { '/a': '{other}', '/a/b/c': '{backend}', '/a/b': '{other}' }, '/a/b/c/d', 'backend'),
    choice('falls back over a gap', { '/a': '{backend}', '/a/b/c': '{other}' }, '/a/b/d', 'backend'),
    choice('seven deep', { '/': '{other}', '/a/b/c/d/e/f/g': '{backend}' }, '/a/b/c/d/e/f/g/h', 'backend'),
    choice('an encoded letter', both, '/user/%61da/x', 'backend'),
    choice('an encoded slash splits', both, '/user%2Fada/x', 'backend'),
    choice('an encoded slash behind the prefix', both, '/user/ada%2Fx', 'backend'),
    choice('%40 and @', { '/': '{other}', '/user/a@b': '{backend}' }, '/user/a%40b/', 'backend'),
    choice('a space and a plus', { '/': '{other}', '/user/a%20b': '{backend}' }, '/user/a+b/', 'other'),
    choice('letters beyond ASCII', { '/': '{other}', '/user/%C3%BC': '{backend}' }, '/user/%c3%bc/', 'backend'),
    choice('composed otherwise is another', { '/': '{other}', '/user/%C3%BC': '{backend}' }, '/user/u%CC%88/', 'other'),
    choice('case counts', both, '/User/Ada', 'other'),
    choice('dot segments lead out', both, '/user/ada/../bob', 'other', CHOICE),
    choice('dot segments lead in', both, '/x/../user/./ada/', 'backend', CHOICE),
    choice('encoded dot segments', both, '/user/ada/%2e%2e/bob', 'other', CHOICE),
    choice('double slashes inside', both, '/user//ada', 'other'),
    choice('double slashes behind the prefix', both, '/user/ada//x', 'backend'),
    choice(
      'names in sharp and curly brackets',
      { '/': '{other}', '/user/%22%3C%7B%7D%3E': '{backend}' },
      '/user/%22%3C%7B%7D%3E/',
      'backend',
    ),
    choice(
      'a name with what nginx would evaluate',
      { '/': '{other}', '/user/$uri%22;%23': '{backend}' },
      '/user/$uri%22;%23/x',
      'backend',
    ),
    choice(
      'a segment of 300 bytes',
      { '/': '{other}', [`/${'s'.repeat(300)}`]: '{backend}' },
      `/${'s'.repeat(300)}/x`,
      'backend',
    ),
    {
      ...choice('the whole URL in the request line', both, 'http://some.host/user/ada/x', 'backend'),
      difference: {
        chp: {
          'seen.headers.host': '127.0.0.1:<public>',
          'seen.headers.x-forwarded-host': '127.0.0.1:<public>',
          'seen.headers.x-forwarded-port': '<public>',
        },
        signalbox: {
          'seen.headers.host': 'some.host',
          'seen.headers.x-forwarded-host': 'some.host',
          'seen.headers.x-forwarded-port': '80',
        },
        why: 'The host of such a URL counts, and the Host header is ignored (RFC 9112 section 3.2.2).',
      },
    },
    {
      name: 'a replaced route and a removed one',
      routes: both,
      steps: [
        { to: 'api', request: 'POST /api/routes/user/ada', body: '{"target":"{other}/new"}' },
        get('/user/ada/x'),
        { to: 'api', request: 'DELETE /api/routes/' },
        get('/'),
      ],
      compare: PAGE,
      expect: { '2:seen.backend': 'other', '2:seen.url': '/new/user/ada/x', '4:status': 404 },
    },
    {
      ...choice('two slashes in front', both, '//user/ada', 'other'),
      expect: { status: 200, 'seen.url': '//user/ada' },
      compare: ['complete'],
      difference: {
        chp: { 'seen.backend': 'other' },
        signalbox: { 'seen.backend': 'backend' },
        why: 'configurable-http-proxy takes the first segment for a host name. In Signalbox slashes in front count as one.',
      },
    },
    {
      ...choice('a path that cannot be decoded', both, '/user/ada/%zz', null),
      expect: {},
      compare: ['complete'],
      difference: {
        chp: { status: 500 },
        signalbox: { status: 400 },
        why: 'A request that is wrong is the fault of the client; nginx says so.',
      },
    },
  ],
};

const hosts = { '/': '{other}', '/hub.example': '{backend}', '/ada.hub.example/user/ada': '{backend}' };
const flags = ['--host-routing'];
const host = (value: string) => [['Host', value]] as [string, string][];

export const hostRoutingGroup: Group = {
  title: 'Host routing',
  cases: [
    {
      ...choice('a host', hosts, '/anything', 'backend', { flags }),
      steps: [get('/anything', { headers: host('hub.example') })],
    },
    {
      ...choice('a host with a port', hosts, '/anything', 'backend', { flags }),
      steps: [get('/anything', { headers: host('hub.example:8443') })],
    },
    {
      ...choice('a host and a path', hosts, '/user/ada/x', 'backend', { flags }),
      steps: [get('/user/ada/x', { headers: host('ada.hub.example') })],
    },
    {
      ...choice('another path of that host', hosts, '/', 'other', { flags }),
      steps: [get('/user/bob', { headers: host('ada.hub.example') })],
    },
    {
      ...choice('an unknown host goes to the root', hosts, '/', 'other', { flags }),
      steps: [get('/user/ada', { headers: host('elsewhere.example') })],
    },
    {
      ...choice('an unknown host and no root', { '/hub.example': '{backend}' }, '/', null, { flags }),
      steps: [get('/', { headers: host('elsewhere.example') })],
    },
    {
      name: 'a host in capitals',
      flags,
      routes: hosts,
      steps: [get('/', { headers: host('HUB.Example') })],
      compare: ['status'],
      difference: {
        chp: { 'seen.backend': 'other' },
        signalbox: { 'seen.backend': 'backend' },
        why: 'Names of hosts have no case (RFC 9110 section 4.2.3).',
      },
    },
  ],
};
