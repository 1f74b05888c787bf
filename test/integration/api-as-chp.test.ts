import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { harness, TOKEN } from '../unit/api/harness.ts';

// One list of requests, sent to a real configurable-http-proxy and to our API: what a client can tell apart is a bug here.

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

const AUTH = { authorization: `token ${TOKEN}` };
const target = 'http://127.0.0.1:9';
const get = (path: string, headers: Record<string, string> = AUTH): Sent => ({ method: 'GET', path, headers });
const remove = (path: string, headers: Record<string, string> = AUTH): Sent => ({ method: 'DELETE', path, headers });
const post = (path: string, body: unknown = { target }, headers: Record<string, string> = AUTH): Sent => ({
  method: 'POST',
  path,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
});
const bare = (method: string, path: string, headers: Record<string, string> = {}): Sent => ({ method, path, headers });

/** Each is sent in order to an empty table; the table is looked at after the last. */
const CASES: Record<string, Sent[]> = {
  'an empty table': [get('/api/routes'), get('/api/routes/')],
  'add, look, replace, remove': [
    post('/api/routes/user/alice', { target, user: 'alice', list: [1, { a: null }], n: 1.5e300 }),
    get('/api/routes/user/alice'),
    get('/api/routes/user/alice/'),
    get('/api/routes/user'),
    get('/api/routes/user/alice/x'),
    post('/api/routes/user/alice', { target: 'http://127.0.0.1:10' }),
    get('/api/routes'),
    remove('/api/routes/user/alice'),
    remove('/api/routes/user/alice'),
    get('/api/routes/user/alice'),
  ],
  'the root': [
    post('/api/routes'),
    get('/api/routes'),
    get('/api/routes//'),
    remove('/api/routes/'),
    post('/api/routes/'),
    post('/api/routes?x=y', { target, x: 1 }),
  ],
  'what is in the data': [
    post('/api/routes/a', { target, last_activity: '1999-01-01T00:00:00.000Z', 'ü"\\': '\u{1f600}\n' }),
    post('/api/routes/b', '{"target":"x","__proto__":{"a":1},"constructor":2,"target":"http://h/last"}'),
    post('/api/routes/c', { target: 'no URL at all' }),
    post('/api/routes/d', { target: '' }),
    post('/api/routes/e', { target: 'HTTP://H:80/%7e?x' }),
    post('/api/routes/f', { '7': 1, b: 2, target, a: 3, '1': 4 }),
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => get(`/api/routes/${name}`)),
  ],
  'bodies that are refused': [
    ...['', '{', 'nonsense', '{"target":"x"', "{'target':'x'}", '\ufeff{"target":"x"}'].map((body) => {
      return post('/api/routes/a', body);
    }),
    ...['{}', 'null', '0', 'false', '""', '[]', '"x"', '{"target":1}', '{"target":null}', '{"Target":"x"}'].map(
      (body) => {
        return post('/api/routes/a', body);
      },
    ),
  ],
  'any content type, chunked or not': [
    post('/api/routes/a', { target }, { ...AUTH, 'content-type': 'text/plain' }),
    post('/api/routes/b', { target }, { ...AUTH, 'content-type': 'a;;/b' }),
    post('/api/routes/c', { target }, { ...AUTH, 'transfer-encoding': 'chunked' }),
    post('/api/routes/d', { target }, { ...AUTH, 'content-type': 'application/x-www-form-urlencoded' }),
    post('/api/routes/e', { target, filler: 'x'.repeat(3_000_000) }),
  ],
  keys: [
    '/user/a%40b',
    '/user/a@b',
    '/user%2Fslash',
    '/user/%2540',
    '/user/has%20space',
    '/user/has%2520x',
    '/inner//double',
    '/trailing/',
    '/trailing2//',
    '/dots/../up',
    '/dots/./same',
    '/dots/%2e%2e/encoded',
    '/..%252fx',
    '/hash%23%3Fquestion',
    '/$p~c%7Ca!%20ch@rs',
    '/%C3%BC/%F0%9F%98%80',
    '/u%CC%88',
    '/Case/CASE',
    '/back\\slash',
    '/back%5Cslash',
    '/control%01%0A%7F',
    '/__proto__',
    '/constructor',
    '/:routespec',
    '/*',
    '/query?a=/b',
    '/semi;colon,comma',
    `/${'long'.repeat(2_500)}`,
  ].flatMap((key) => [post(`/api/routes${key}`, { target, key }), get(`/api/routes${key}`)]),
  'keys are removed by any spelling': [
    ...['/a%20b', '/c/d', '/e', '/f//g'].map((key) => post(`/api/routes${key}`)),
    ...['/%61%20b', '/c%2Fd', '/e/', '/f//g', '/a b'.replace(' ', '%20')].map((key) => remove(`/api/routes${key}`)),
  ],
  'other paths': [
    '/',
    '/api',
    '/api/',
    '/api/route',
    '/api/routesx',
    '/API/routes',
    '/api/routes%2Fa',
    '/api/../routes',
  ].flatMap((path) => [get(path), post(path, '{', {}), bare('PUT', path), remove(path, {})]),
  'paths that lead to the table after all': [
    get('/api/./routes'),
    get('/x/../api/routes'),
    get('/api/routes/x/..'),
    post('/api/routes/../routes/a'),
    get('http://any.host/api/routes/a'),
  ],
  'other methods': ['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'].flatMap((method) => [
    bare(method, '/api/routes'),
    bare(method, '/api/routes/a'),
    bare(method, '/nowhere'),
  ]),
  'methods that only the table has here': [bare('PUT', '/api/routes/a'), bare('PATCH', '/api/routes/a')],
  tokens: [
    ...[
      'token s3cret',
      'token   s3cret',
      'token\ts3cret',
      'token s3cret trailing',
      'Token s3cret',
      'token s3cre',
      'token s3crets',
      'tokens3cret',
      'token',
      's3cret',
      'Basic czNjcmV0',
    ].map((authorization) => get('/api/routes', { authorization })),
    get('/api/routes', {}),
    get('/api/routes/a', {}),
    remove('/api/routes/a', {}),
    post('/api/routes/a', { target }, {}),
    post('/api/routes/a', '{', {}),
    post('/api/routes/a', '{}', {}),
    get('/api/routes?inactiveSince=nonsense', {}),
  ],
  inactiveSince: [
    post('/api/routes/a'),
    ...[
      '?inactiveSince=2020-01-01T00:00:00.000Z',
      '?inactiveSince=2999-01-01T00:00:00.000Z',
      '?inactive_since=2999-01-01',
      '?inactive_since=2020-01-01&inactiveSince=2999-01-01',
      '?inactiveSince=&inactive_since=2020-01-01',
      '?inactiveSince=',
      '?inactiveSince=nonsense',
      '?inactiveSince=5',
      '?inactiveSince=Thu%2C+01+Jan+2998+00%3A00%3A00+GMT',
      '?InactiveSince=2020-01-01',
      '?inactiveSince=2020-01-01#x',
    ].flatMap((query) => [get(`/api/routes${query}`), get(`/api/routes/${query}`), get(`/api/routes/a${query}`)]),
  ],
};

const HOST_CASES: Record<string, Sent[]> = {
  'keys with hosts': [
    post('/api/routes/hub.example/user/alice', { target, host: 'forged' }),
    post('/api/routes/hub.example/'),
    post('/api/routes/', { target, host: 'kept' }),
    get('/api/routes/hub.example/user/alice'),
    get('/api/routes/hub.example'),
    remove('/api/routes/hub.example/'),
  ],
};

async function send(port: number, { method, path, body, headers = {} }: Sent): Promise<Answer> {
  const chunked = headers['transfer-encoding'] === 'chunked' || body === undefined;
  const length = chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return { status: incoming.statusCode, type: incoming.headers['content-type'], text };
}

/** JSON with every last activity of the last minute made the same. */
function comparable(text: string): unknown {
  return JSON.parse(text, (name, value) => {
    const isRecent = name === 'last_activity' && /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(value);
    return isRecent && Math.abs(Date.parse(value) - Date.now()) < 60_000 ? 'just now' : value;
  });
}

function expectAlike(sent: Sent, ours: Answer, chps: Answer): void {
  const name = `${sent.method} ${sent.path.slice(0, 80)}`;
  expect([name, ours.status]).toEqual([name, chps.status]);
  if (chps.status === 200) {
    expect([name, ours.type]).toEqual([name, chps.type]);
    expect([name, comparable(ours.text)]).toEqual([name, comparable(chps.text)]);
    // The order of the table, not that of the fields: CHP leaves last_activity where the client had put it.
    if (!sent.path.includes('/api/routes/')) {
      expect(Object.keys(JSON.parse(ours.text))).toEqual(Object.keys(JSON.parse(chps.text)));
    }
  } else if (Number(chps.status) >= 400) {
    // Every error has a body in JSON here, with CHP's text where it has one.
    expect([name, ours.type]).toEqual([name, 'application/json']);
    if (sent.method !== 'HEAD') expect(JSON.parse(ours.text).message.slice(0, chps.text.length)).toBe(chps.text);
  } else {
    expect([name, ours.type, ours.text]).toEqual([name, chps.type, chps.text]);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startChp(...flags: string[]): Promise<{ port: number; process: ChildProcess }> {
  const port = await freePort();
  const program = 'node_modules/configurable-http-proxy/bin/configurable-http-proxy';
  const publicPort = await freePort();
  const args = [
    '--ip',
    '127.0.0.1',
    '--port',
    `${publicPort}`,
    '--api-ip',
    '127.0.0.1',
    '--api-port',
    `${port}`,
    ...flags,
  ];
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, CONFIGPROXY_AUTH_TOKEN: TOKEN },
    stdio: 'ignore',
  });
  for (const deadline = Date.now() + 20_000; ; await delay(50)) {
    const socket = connect(port, '127.0.0.1');
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return { port, process: child };
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('configurable-http-proxy did not start');
  }
}

describe.each([
  { flags: [], hostRouting: false, cases: CASES },
  { flags: ['--host-routing'], hostRouting: true, cases: HOST_CASES },
])('as configurable-http-proxy $flags', ({ flags, hostRouting, cases }) => {
  let chp: Awaited<ReturnType<typeof startChp>>;
  const { app, table } = harness({ hostRouting });
  let port: number;

  beforeAll(async () => {
    chp = await startChp(...flags);
    await app.listen({ port: 0, host: '127.0.0.1' });
    port = (app.server.address() as AddressInfo).port;
  }, 30_000);
  afterAll(async () => {
    chp?.process.kill('SIGKILL');
    await app.close();
  });

  async function clear(): Promise<void> {
    const keys = Object.keys(JSON.parse((await send(chp.port, get('/api/routes'))).text));
    for (const key of keys)
      await send(chp.port, remove(`/api/routes${key.split('/').map(encodeURIComponent).join('/')}`));
    table.reset(table.generation + 1, []);
  }

  it.each(Object.entries(cases))('%s', async (_name, requests) => {
    await clear();
    for (const sent of [...requests, get('/api/routes')]) {
      expectAlike(sent, await send(port, sent), await send(chp.port, sent));
    }
  });
});
