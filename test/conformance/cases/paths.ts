import type { Case, Group } from '../case.ts';
import { pathCase } from './make.ts';

const base = '{backend}/base';
const noPrepend = { flags: ['--no-prepend-path'] };
const noPrefix = { flags: ['--no-include-prefix'] };
const neither = { flags: ['--no-prepend-path', '--no-include-prefix'] };

const WHY_PREFIX =
  '`--no-include-prefix` of configurable-http-proxy cuts as many characters as the decoded prefix has from the path as ' +
  'it was sent. Signalbox cuts the prefix.';

function cutCase(
  name: string,
  route: string,
  request: string,
  chp: string,
  signalbox: string,
  more: Partial<Case> = {},
): Case {
  return {
    ...pathCase(name, route, '{backend}', request, '', { ...noPrefix, ...more }),
    expect: { status: 200 },
    difference: { chp: { 'seen.url': chp }, signalbox: { 'seen.url': signalbox }, why: WHY_PREFIX },
  };
}

export const pathGroup: Group = {
  title: 'The path at the backend',
  cases: [
    pathCase('behind the path of the target', '/user/ada', base, '/user/ada/x?q', '/base/user/ada/x?q'),
    pathCase('the path of the target ends in a slash', '/user/ada', `${base}/`, '/user/ada/x', '/base/user/ada/x'),
    pathCase('the target has no path', '/user/ada', '{backend}', '/user/ada', '/user/ada'),
    pathCase('the target is a slash', '/user/ada', '{backend}/', '/user/ada/', '/user/ada/'),
    pathCase('the target has a query', '/a', `${base}?t=1`, '/a/x?q=2', '/base/a/x?t=1&q=2'),
    pathCase('the target has a query, the request has none', '/a', `${base}?t=1`, '/a/x', '/base/a/x?t=1'),
    pathCase('the target has an encoded path', '/a', '{backend}/b%20%2F%C3%BC', '/a', '/b%20%2F%C3%BC/a'),
    pathCase('the root route', '/', base, '/x/y', '/base/x/y'),
    pathCase('a deep path of the target', '/', '{backend}/1/2/3/4', '/', '/1/2/3/4/'),
    pathCase('a unix socket', '/a', '{unix}', '/a/x?q', '/a/x?q'),
    pathCase('a unix socket with a path', '/a', '{unix}/base', '/a/x?q', '/base/a/x?q'),
    pathCase('a unix socket in the older spelling', '/a', '{unix-old}', '/a/x', '/a/x'),
    pathCase('--no-prepend-path', '/user/ada', base, '/user/ada/x?q', '/user/ada/x?q', noPrepend),
    pathCase('--no-prepend-path, the target has a query', '/a', `${base}?t=1`, '/a/x?q=2', '/a/x?q=2', {
      ...noPrepend,
    }),
    pathCase('--no-prepend-path, the root', '/', base, '/x', '/x', noPrepend),
    pathCase('--no-include-prefix', '/user/ada', base, '/user/ada/x?q', '/base/x?q', noPrefix),
    pathCase('--no-include-prefix, the route itself', '/user/ada', base, '/user/ada', '/base', noPrefix),
    pathCase('--no-include-prefix, a target with a slash', '/user/ada', `${base}/`, '/user/ada', '/base/', noPrefix),
    pathCase('--no-include-prefix, a target with a slash and more', '/a', `${base}/`, '/a/x', '/base/x', noPrefix),
    pathCase(
      '--no-include-prefix, a target with a slash and a query',
      '/a',
      `${base}/?t=1`,
      '/a?q=2',
      '/base/?t=1&q=2',
      noPrefix,
    ),
    pathCase('--no-include-prefix, a unix socket with a slash', '/a', '{unix}/base/', '/a', '/base/', noPrefix),
    pathCase('--no-include-prefix, the route with a slash', '/user/ada', base, '/user/ada/', '/base/', noPrefix),
    pathCase(
      '--no-include-prefix, the route with a query',
      '/user/ada',
      '{backend}',
      '/user/ada?x=1',
      '/?x=1',
      noPrefix,
    ),
    pathCase('--no-include-prefix, the root', '/', base, '/x/y?q', '/base/x/y?q', noPrefix),
    cutCase('--no-include-prefix, an encoded prefix', '/a%20b', '/a%20b/x', '/0b/x', '/x'),
    cutCase('--no-include-prefix, an encoded letter', '/user/ada', '/user/%61da/x', '/da/x', '/x'),
    pathCase('both', '/user/ada', base, '/user/ada/x?q', '/x?q', neither),
    pathCase('both, the route itself', '/user/ada', base, '/user/ada', '/', neither),
    pathCase('a websocket goes behind the path of the target', '/user/ada', base, '', '/base/user/ada/ws?x', {
      steps: [{ ws: '/user/ada/ws?x', send: ['one'] }],
      expect: { status: 101, 'seen.url': '/base/user/ada/ws?x', messages: '["one"]' },
    }),
    pathCase('a websocket with --no-include-prefix', '/user/ada', base, '', '', {
      ...noPrefix,
      steps: [{ ws: '/user/ada/ws?x', send: ['one'] }],
      expect: { status: 101, 'seen.url': '/base/ws?x', messages: '["one"]' },
    }),
  ],
};

const ENCODED =
  'nginx passes the path on as it was sent. configurable-http-proxy reads it as a browser would read a link, and writes it anew.';

function as(name: string, sent: string, chp: string, signalbox?: string): Case {
  const one = pathCase(name, '/a', '{backend}', sent, chp);
  if (signalbox === undefined) return one;
  return {
    ...one,
    expect: { status: 200 },
    difference: { chp: { 'seen.url': chp }, signalbox: { 'seen.url': signalbox }, why: ENCODED },
  };
}

export const encodingGroup: Group = {
  title: 'Encodings on the way to the backend',
  cases: [
    as('an encoded slash', '/a/x%2Fy', '/a/x%2Fy'),
    as('an encoded space and a plus', '/a/x%20y+z', '/a/x%20y+z'),
    as('@ and %40', '/a/@%40', '/a/@%40'),
    as('small and big hex digits', '/a/%c3%BC', '/a/%c3%BC'),
    as('an encoded letter', '/a/%61', '/a/%61'),
    as('an encoded percent', '/a/%25%32%35', '/a/%25%32%35'),
    as('double slashes', '/a//x///y', '/a//x///y'),
    as('characters that need no encoding', "/a/-._~!$&'()*+,;=:|", "/a/-._~!$&'()*+,;=:|"),
    as('a caret', '/a/^', '/a/%5E', '/a/^'),
    as('encoded quotes and brackets', '/a/%22%3C%3E%7B%7D%60', '/a/%22%3C%3E%7B%7D%60'),
    as('encoded control characters', '/a/%01%0A%0D%7F', '/a/%01%0A%0D%7F'),
    as('a query as it is', '/a?x=%2F%20+&&y==?/..', '/a?x=%2F%20+&&y==?/..'),
    as('a slash at the end', '/a/x/', '/a/x/'),
    as('semicolons', '/a/;p=1/x;y', '/a/;p=1/x;y'),
    as('quotes and brackets', '/a/"<>{}`', '/a/%22%3C%3E%7B%7D%60', '/a/"<>{}`'),
    as('quotes in a query', '/a?"<>', '/a?%22%3C%3E', '/a?"<>'),
    {
      name: 'a backslash',
      routes: { '/a': '{backend}' },
      steps: [{ request: 'GET /a/x\\y' }],
      compare: ['complete'],
      difference: {
        chp: { status: 200, 'seen.url': '/a/x/y' },
        signalbox: { status: 400, 'seen.url': null },
        why: 'No path has a backslash (RFC 3986, 3.3); configurable-http-proxy makes a slash of it, as browsers do before they send a request. nginx can not, and one that took it for another character would find another route.',
      },
    },
    {
      name: 'dot segments behind an encoded slash',
      routes: { '/a': '{backend}' },
      steps: [{ request: 'GET /a/..%2fb' }],
      compare: ['complete'],
      difference: {
        chp: { status: 200, 'seen.url': '/a/..%2fb' },
        signalbox: { status: 400, 'seen.url': null },
        why: 'Both keep such a request from other routes: nginx, which would resolve it to `/b`, by refusing it.',
      },
    },
    as('dot segments', '/a/x/../y/./z', '/a/y/z', '/a/x/../y/./z'),
    as('encoded dot segments', '/a/x/%2e%2e/y', '/a/y', '/a/x/%2e%2e/y'),
    as('a lone question mark', '/a/x?', '/a/x', '/a/x?'),
    {
      name: 'an encoded NUL',
      routes: { '/a': '{backend}' },
      steps: [{ request: 'GET /a/%00' }],
      compare: ['complete'],
      difference: {
        chp: { status: 200, 'seen.url': '/a/%00' },
        signalbox: { status: 400, 'seen.url': null },
        why: 'nginx takes no path with a NUL.',
      },
    },
  ],
};
