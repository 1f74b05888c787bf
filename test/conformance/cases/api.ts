import type { Case, Group } from '../case.ts';
import { CHANGE_ORIGIN } from './flags.ts';
import { API_FIELDS, api, get, jsonError } from './make.ts';

const target = 'http://127.0.0.1:9';
const post = (key: string, body: unknown = { target }) => api(`POST /api/routes${key}`, body);
const look = (key = '') => api(`GET /api/routes${key}`);
const remove = (key: string) => api(`DELETE /api/routes${key}`);
const entry = (key: string) => `{"${key}":{"last_activity":"just now","target":"${target}"}}`;

/** What is added under one spelling is found, listed and removed under another. */
function keyCase(name: string, posted: string, key: string, other = posted): Case {
  return {
    name: `key: ${name}`,
    steps: [post(posted), look(), look(other), remove(other), look()],
    expect: { status: 201, '2:body': entry(key), '3:status': 200, '4:status': 204, '5:body': '{}' },
  };
}

/** A request that is refused, with a JSON body on one side. */
function refused(name: string, step: Case['steps'][number], status: number, body: string | RegExp, code: string): Case {
  return {
    name,
    steps: [step],
    compare: API_FIELDS,
    expect: { status },
    difference: jsonError(body, code),
  };
}

const table: readonly Case[] = [
  {
    name: 'an empty table',
    steps: [look(), look('/')],
    expect: { status: 200, body: '{}', 'headers.content-type': 'application/json', '2:body': '{}' },
  },
  {
    name: 'a route is added, shown alone and in the table, removed',
    steps: [post('/user/ada'), look('/user/ada'), look(), remove('/user/ada'), look()],
    expect: {
      status: 201,
      body: '',
      '2:body': `{"last_activity":"just now","target":"${target}"}`,
      '3:body': entry('/user/ada'),
      '4:status': 204,
      '5:body': '{}',
    },
  },
  {
    name: 'adding without a path sets the root',
    steps: [post(''), look(), remove('/'), post('/'), look()],
    expect: { status: 201, '2:body': entry('/'), '3:status': 204, '4:status': 201, '5:body': entry('/') },
  },
  {
    name: 'a second POST replaces the whole entry',
    steps: [post('/a', { target, user: 'ada' }), post('/a', { target, server: 'x' }), look('/a')],
    expect: { '3:body': `{"last_activity":"just now","server":"x","target":"${target}"}` },
  },
  {
    name: 'extra data is kept as it is',
    steps: [post('/a', { target, list: [1, { deep: null }], 'ü"\\': '\u{1f600}\n', n: 1.5e300 }), look('/a')],
    expect: {
      '2:body': `{"last_activity":"just now","list":[1,{"deep":null}],"n":1.5e+300,"target":"${target}","ü\\"\\\\":"\u{1f600}\\n"}`,
    },
  },
  {
    name: 'last_activity in the body is ignored',
    steps: [post('/a', { target, last_activity: '1999-01-01T00:00:00.000Z' }), look('/a')],
    expect: { '2:body': /"last_activity":"just now"/ },
  },
  {
    name: 'the target is given back as the very string that was stored',
    steps: [post('/a', { target: 'HTTP://LOCALHOST:80/%7e/?b=a' }), look('/a')],
    expect: { '2:body': /"target":"HTTP:\/\/LOCALHOST:80\/%7e\/\?b=a"/ },
  },
  {
    name: 'a target that is no URL is taken, and requests to it fail',
    steps: [post('/a', { target: 'no url at all' }), get('/a')],
    compare: ['status', 'reason'],
    expect: { status: 201, '2:status': 500 },
  },
  {
    name: 'a body in chunks, of another content type, of 3 MB',
    steps: [
      api('POST /api/routes/a', { target }, { chunked: true }),
      api('POST /api/routes/b', { target }, { headers: [['Content-Type', 'application/x-www-form-urlencoded']] }),
      post('/c', { target, filler: 'x'.repeat(3_000_000) }),
      look('/a'),
      look('/c'),
    ],
    expect: { status: 201, '2:status': 201, '3:status': 201, '4:status': 200, '5:status': 200 },
  },
  {
    name: 'the default target is an ordinary root route',
    flags: CHANGE_ORIGIN,
    steps: [look(), look('/')],
    expect: { body: entry('/') },
  },
  {
    name: 'host routing gives the data a host',
    flags: ['--host-routing'],
    steps: [
      post('/hub.example/user/ada'),
      look(),
      post('/hub.example', { target, host: 'forged' }),
      look('/hub.example'),
    ],
    expect: {
      '2:body': `{"/hub.example/user/ada":{"host":"hub.example","last_activity":"just now","target":"${target}"}}`,
      '4:body': `{"host":"hub.example","last_activity":"just now","target":"${target}"}`,
    },
  },
  {
    name: 'the effect is complete when the answer leaves',
    routes: { '/': '{other}' },
    steps: [post('/a', { target: '{backend}' }), get('/a'), remove('/a'), get('/a')],
    expect: { '2:seen.backend': 'backend', '3:status': 204, '4:seen.backend': 'other' },
  },
];

const refusals: readonly Case[] = [
  refused('a route that is not there', look('/nobody'), 404, '', 'NOT_FOUND'),
  refused('removing a route that is not there', remove('/nobody'), 404, '', 'NOT_FOUND'),
  refused('a body that is no JSON', post('/a', '{'), 400, /^Body not valid JSON: /, 'BAD_JSON'),
  refused('an empty body', post('/a', ''), 400, /^Body not valid JSON: /, 'BAD_JSON'),
  refused('no target', post('/a', {}), 400, "Must specify 'target' as string", 'BAD_TARGET'),
  refused('a target that is a number', post('/a', { target: 1 }), 400, "Must specify 'target' as string", 'BAD_TARGET'),
  refused('a body that is null', post('/a', 'null'), 400, "Must specify 'target' as string", 'BAD_TARGET'),
  refused('another path', api('GET /api/route'), 404, 'Not Found', 'NOT_FOUND'),
  refused('another path, another method', api('PUT /nowhere'), 404, 'Not Found', 'NOT_FOUND'),
  refused('OPTIONS', api('OPTIONS /api/routes'), 405, 'Method not supported', 'METHOD_NOT_SUPPORTED'),
  refused(
    'PUT of one route',
    api('PUT /api/routes/a', { target }),
    405,
    'Method not supported',
    'METHOD_NOT_SUPPORTED',
  ),
  {
    name: 'HEAD',
    steps: [api('HEAD /api/routes')],
    compare: ['status', 'reason', 'body'],
    expect: { status: 405, body: '' },
  },
  {
    name: 'PUT and PATCH of the whole table',
    steps: [api('PUT /api/routes', { '/a': { target } }), look(), api('PATCH /api/routes', { '/a': null }), look()],
    compare: ['2:status'],
    difference: {
      chp: { status: 405, '2:body': '{}', '3:status': 405 },
      signalbox: { status: 200, '2:body': entry('/a'), '3:status': 200 },
      why: 'Signalbox adds two requests that set many routes in one step of the proxy.',
    },
  },
  {
    name: 'a key that cannot be decoded',
    steps: [{ ...post('/a%zz'), timeout: 500 }],
    compare: ['status'],
    difference: {
      chp: { error: 'no answer in time', status: null },
      signalbox: { error: null, status: 400 },
      why: 'configurable-http-proxy throws and never answers; Signalbox says what is wrong.',
    },
  },
  {
    name: 'DELETE without a path',
    routes: { '/': '{backend}' },
    steps: [{ ...api('DELETE /api/routes'), timeout: 500 }],
    compare: ['status'],
    difference: {
      chp: { error: 'no answer in time', status: null },
      signalbox: { error: null, status: 204 },
      why: 'configurable-http-proxy throws and never answers. For Signalbox it is the root, as it is for POST.',
    },
  },
];

const authorization = (value: string) => ({ headers: [['Authorization', value]] as [string, string][] });

const tokens: readonly Case[] = [
  refused(
    'no token',
    { to: 'api', request: 'GET /api/routes', headers: [['Authorization', '']] },
    403,
    '',
    'FORBIDDEN',
  ),
  refused('a wrong token', api('GET /api/routes', undefined, authorization('token wrong')), 403, '', 'FORBIDDEN'),
  refused(
    'the word in upper case',
    api('GET /api/routes', undefined, authorization('Token conformance-s3cret')),
    403,
    '',
    'FORBIDDEN',
  ),
  {
    name: 'blanks before the token',
    steps: [
      api('GET /api/routes', undefined, authorization('token    conformance-s3cret')),
      api('GET /api/routes', undefined, authorization('token\tconformance-s3cret')),
      api('GET /api/routes', undefined, authorization('token conformance-s3cret and more')),
    ],
    expect: { status: 200, '2:status': 200, '3:status': 200 },
  },
  {
    name: 'Bearer',
    steps: [api('GET /api/routes', undefined, authorization('Bearer conformance-s3cret'))],
    compare: ['complete'],
    difference: {
      chp: { status: 403 },
      signalbox: { status: 200 },
      why: 'The word that most clients know is taken, too.',
    },
  },
  {
    name: 'a word that ends in token',
    steps: [api('GET /api/routes', undefined, authorization('nottoken conformance-s3cret'))],
    compare: ['complete'],
    difference: {
      chp: { status: 200 },
      signalbox: { status: 403 },
      why: 'configurable-http-proxy looks for the word anywhere in the header. Signalbox wants it to be the scheme.',
    },
  },
  {
    name: '404, 405 and the check of the JSON come before the token',
    steps: [
      api('GET /nowhere', undefined, authorization('')),
      api('OPTIONS /api/routes', undefined, authorization('')),
      api('POST /api/routes/a', '{', authorization('')),
      api('POST /api/routes/a', '{}', authorization('')),
    ],
    compare: ['status', 'reason'],
    expect: { status: 404, '2:status': 405, '3:status': 400, '4:status': 403 },
  },
];

const since = (query: string) => api(`GET /api/routes?${query}`);

const inactive: readonly Case[] = [
  {
    name: 'inactiveSince in the past and in the future',
    routes: { '/a': 'http://127.0.0.1:9' },
    steps: [since('inactiveSince=2020-01-01T00:00:00.000Z'), since('inactiveSince=2999-01-01T00:00:00Z')],
    expect: { body: '{}', '2:body': entry('/a') },
  },
  {
    name: 'inactive_since, the older spelling, and which of both counts',
    routes: { '/a': 'http://127.0.0.1:9' },
    steps: [
      since('inactive_since=2999-01-01'),
      since('inactive_since=2020-01-01&inactiveSince=2999-01-01'),
      since('inactiveSince=&inactive_since=2020-01-01'),
    ],
    expect: { body: entry('/a'), '2:body': entry('/a'), '3:body': '{}' },
  },
  {
    name: 'inactiveSince in other forms that Date.parse takes',
    routes: { '/a': 'http://127.0.0.1:9' },
    steps: [
      since('inactiveSince=2998'),
      since('inactiveSince=Thu%2C+01+Jan+2998+00%3A00%3A00+GMT'),
      since('inactiveSince=5'),
    ],
    expect: { body: entry('/a'), '2:body': entry('/a'), '3:body': '{}' },
  },
  {
    name: 'an empty inactiveSince is none',
    routes: { '/a': 'http://127.0.0.1:9' },
    steps: [since('inactiveSince='), api('GET /api/routes/?inactiveSince')],
    expect: { body: entry('/a'), '2:body': entry('/a') },
  },
  refused(
    'inactiveSince that is no date',
    since('inactiveSince=nonsense'),
    400,
    "Invalid datestamp 'nonsense' must be ISO8601.",
    'BAD_DATE',
  ),
  {
    name: 'inactiveSince on one route is ignored',
    routes: { '/a': 'http://127.0.0.1:9' },
    steps: [api('GET /api/routes/a?inactiveSince=nonsense')],
    expect: { status: 200 },
  },
];

const keys: readonly Case[] = [
  keyCase('%40 is @', '/user/a%40b', '/user/a@b', '/user/a@b'),
  keyCase('%2F is a slash', '/user%2Fada', '/user/ada', '/user/ada'),
  keyCase('decoded once', '/a/%2540', '/a/%40'),
  keyCase('percent that stays', '/has%2540x', '/has%40x'),
  keyCase('space', '/has%20space', '/has space'),
  keyCase('hash and question mark', '/hash%23%3Fquestion', '/hash#?question'),
  keyCase('what a Hub escapes', '/$p~c%7Ca!%20ch@rs', '/$p~c|a! ch@rs'),
  keyCase('letters beyond ASCII', '/%C3%BC/%F0%9F%98%80', '/ü/😀'),
  keyCase('composed otherwise', '/u%CC%88', '/u\u0308'),
  keyCase('dot segments', '/x/../a/./b/%2e%2e/c', '/a/c', '/a/c'),
  keyCase('a backslash', '/a%5Cb', '/a\\\\b'),
  keyCase('a backslash as it is', '/a\\b', '/a/b', '/a/b'),
  keyCase('a query is dropped', '/a?x=/b', '/a', '/a'),
  keyCase('a slash at the end', '/a/', '/a', '/a/'),
  keyCase('double slashes inside', '/a//b', '/a//b'),
  keyCase('control characters', '/a%01%0A%7F', '/a\\u0001\\n\x7f'),
  keyCase('names of every object', '/__proto__/constructor', '/__proto__/constructor'),
  keyCase('3,000 bytes', `/${'long'.repeat(750)}`, `/${'long'.repeat(750)}`),
  {
    name: 'key: 8,000 bytes',
    steps: [post(`/${'long'.repeat(2_000)}`)],
    compare: ['complete'],
    difference: {
      chp: { status: 201, body: '' },
      signalbox: { status: 400, body: /"code":"BAD_ROUTESPEC"/ },
      why: 'A parameter in the configuration of nginx has at most 4,000 bytes. Signalbox refuses what it could not serve.',
    },
  },
  {
    name: 'target: a unix socket with a colon in its path',
    steps: [post('/a', { target: 'http+unix://%2Ftmp%2Fa%3Ab' })],
    compare: ['complete'],
    difference: {
      chp: { status: 201, body: '' },
      signalbox: { status: 400, body: /"code":"BAD_TARGET"/ },
      why: 'For nginx a colon ends the path of a socket. Signalbox refuses what it could not serve.',
    },
  },
  {
    name: 'key: case counts',
    steps: [post('/Case'), look('/case'), look('/Case')],
    compare: ['status'],
    expect: { '2:status': 404, '3:status': 200 },
  },
];

export const apiGroup: Group = {
  title: 'REST API',
  cases: [...table, ...refusals.map(named), ...tokens, ...inactive, ...keys].map((one) => ({
    compare: API_FIELDS,
    ...one,
  })),
};

function named(one: Case): Case {
  return one.name.startsWith('refused') ? one : { ...one, name: `refused: ${one.name}` };
}
