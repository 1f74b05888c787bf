import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { adding } from '../../support/adding.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { harness, TOKEN } from '../api/harness.ts';

const SINCE = '2026-11-22T11:00:00.000Z';

let box: ReturnType<typeof harness>;
let api: string;

beforeEach(async () => {
  box = harness();
  await box.app.listen({ port: 0, host: '127.0.0.1' });
  api = `127.0.0.1:${(box.app.server.address() as AddressInfo).port}`;
  add('/user/ada', 5_000);
  add('/user/\u001b[31mbob', 3_600_000);
  const numbers = { requests: 12_345, bytes: 1_234_567, openConnections: 2, lastStatus: 200, p50: 12, p95: 250 };
  box.usage.set('/user/ada', { ...numbers, since: SINCE });
  box.usage.set('/user/\u001b[31mbob', {
    ...{ requests: 0, bytes: 0, openConnections: 0, lastStatus: null, p50: null, p95: null },
    since: SINCE,
  });
});

afterEach(() => box.app.close());

function add(key: string, age: number) {
  const target = 'http://127.0.0.1:9001';
  const entry = { route: { key, target, data: JSON.stringify({ target }) }, lastActivity: Date.now() - age };
  box.table.apply(adding(1, entry));
}

async function run(argv: string[], env: NodeJS.ProcessEnv = { SIGNALBOX_API_TOKEN: TOKEN }) {
  let out = '';
  let err = '';
  const code = await main(['routes', ...argv], { env, out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

test('lists the routes, the last used on top, and nothing in a name steers the terminal', async () => {
  const { out, code } = await run(['--api', `http://${api}/`]);
  expect(code).toBe(0);
  expect(out).toBe(
    [
      'ROUTE                TARGET                 LAST USED',
      '/user/ada            http://127.0.0.1:9001  5s ago',
      '/user/\\u001b[31mbob  http://127.0.0.1:9001  1h 0m ago',
      '',
    ].join('\n'),
  );
});

test('lists statistics', async () => {
  const { out } = await run(['--stats', '--api', api]);
  expect(out.split('\n').map((line) => line.replace(/^\S+\s+\S+\s+/, ''))).toEqual([
    'LAST USED  REQUESTS  BYTES  OPEN  STATUS  P50  P95',
    '5s ago        12345   1.2M     2     200   12  250',
    '1h 0m ago         0      0     0       -    -    -',
    '',
  ]);
});

test('prints what the API answers', async () => {
  const { out } = await run(['--stats', '--json', '--api', api]);
  expect(JSON.parse(out)['/user/ada'].stats.requests).toBe(12_345);
  const plain = await run(['--json', '--api', api]);
  expect(Object.keys(JSON.parse(plain.out)['/user/ada'])).toEqual(['target', 'last_activity']);
});

test('finds address and token in the environment or a file', async () => {
  const file = join(makeTempDir(), 'token');
  writeFileSync(file, `${TOKEN}\n`);
  expect(await run([], { SIGNALBOX_API: api.replace('127.0.0.1', '*'), CONFIGPROXY_AUTH_TOKEN: TOKEN })).toMatchObject({
    code: 0,
  });
  expect(await run(['--api', api, '--token-file', file], {})).toMatchObject({ code: 0 });
});

test('speaks over a unix socket', async () => {
  const path = join(makeTempDir(), 'api.sock');
  const other = harness();
  await other.app.listen({ path });
  const url = `http+unix://${encodeURIComponent(path)}`;
  for (const text of [url, path]) {
    expect(await run(['--api', text])).toMatchObject({ code: 0, out: 'There are no routes.\n' });
  }
  const env = { SIGNALBOX_API_TOKEN: TOKEN, SIGNALBOX_API_SOCKET: path, SIGNALBOX_API: '127.0.0.1:9' };
  expect(await run([], env)).toMatchObject({ code: 0 });
  await other.app.close();
  expect(await run(['--api', url])).toMatchObject({ code: 3, err: expect.stringContaining('ENOENT') });
});

test('says what is wrong', async () => {
  expect(await run(['--api', api], {})).toMatchObject({ code: 4, err: expect.stringContaining('there is none') });
  expect(await run(['--api', api], { SIGNALBOX_API_TOKEN: 'x' })).toMatchObject({
    code: 4,
    err: expect.stringContaining('does not accept the token'),
  });
  expect(await run(['--api', 'ftp://x'])).toMatchObject({ code: 2, err: expect.stringContaining('is no URL') });
  expect(await run(['--nonsense'])).toMatchObject({ code: 2 });
  expect(await run(['--api', '127.0.0.1:9'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('does not answer'),
  });
});

test.each([
  [404, 'default backend - 404'],
  [404, ''],
  [404, '{"error":"not found"}'],
  [503, 'no healthy upstream'],
  [500, ''],
])('somebody else who answers %s %j is not taken for the API', async (status, body) => {
  const stranger = createServer((_, answer) => answer.writeHead(status).end(body)).listen(0, '127.0.0.1');
  onCleanup(() => stranger.close());
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  expect(await run(['--api', url])).toMatchObject({
    code: 3,
    err: expect.stringContaining(`${url} answers ${status}`),
  });
});

test('an empty table is said to be one', async () => {
  box.table.reset(2, []);
  expect((await run(['--api', api])).out).toBe('There are no routes.\n');
});
