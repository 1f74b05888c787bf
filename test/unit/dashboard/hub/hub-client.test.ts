import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { HubClient } from '../../../../src/dashboard/hub/hub-client.ts';
import { HubRequests } from '../../../../src/dashboard/hub/hub-requests.ts';
import { whoIs } from '../../../../src/dashboard/hub/who-is.ts';
import { NASTY_NAMES } from '../../../integration/names/hostile.ts';
import { onCleanup } from '../../../support/cleanup.ts';

/** Stands in for a Hub: what a real one never says can be asked of no other. test/e2e/jupyterhub/dashboard has a real one. */
const hub = {
  asked: [] as string[],
  answer: (_request: string): { status: number; body?: unknown } => ({ status: 200, body: {} }),
};

const clock = { now: 0 };
const lines: string[] = [];
let client: HubClient;
let requests: HubRequests;

beforeEach(async () => {
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    hub.asked.push(`${line} ${request.headers.authorization}`);
    const { status, body } = hub.answer(line);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => server.close());
  lines.length = 0;
  hub.asked = [];
  hub.answer = () => ({ status: 200, body: {} });
  const log = (_: object, message: string) => lines.push(message);
  const api = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/hub/api/`);
  requests = new HubRequests(api, { info: log, warn: log });
  client = new HubClient(requests, 'https://hub.example/base/hub/', () => clock.now);
});

test('everything is asked with the token of the viewer', async () => {
  hub.answer = (line) => ({ status: line.startsWith('DELETE') ? 204 : 200, body: {} });
  await client.sync('of-ada');
  await client.stopServer('of-ada', 'bob', '');
  await client.stopServer('of-bob', 'ada', 'lab 1');
  await client.user('of-bob', 'ada');
  expect(hub.asked).toEqual([
    'POST /base/hub/api/proxy token of-ada',
    'DELETE /base/hub/api/users/bob/server token of-ada',
    'DELETE /base/hub/api/users/ada/servers/lab%201 token of-bob',
    'GET /base/hub/api/users/ada token of-bob',
  ]);
});

test('a server that is still being stopped is pending', async () => {
  hub.answer = () => ({ status: 202 });
  expect(await client.stopServer('t', 'ada', '')).toEqual({ pending: true });
  hub.answer = () => ({ status: 204 });
  expect(await client.stopServer('t', 'ada', '')).toEqual({ pending: false });
});

test('no name of a user or server leads to another path than its own', async () => {
  hub.answer = () => ({ status: 204 });
  for (const name of NASTY_NAMES) {
    hub.asked = [];
    await client.stopServer('t', name, '').catch((error) => expect(error).toMatchObject({ code: 'NOT_FOUND' }));
    // An empty one is the default server.
    if (name !== '') {
      await client.stopServer('t', 'ada', name).catch((error) => expect(error).toMatchObject({ code: 'NOT_FOUND' }));
    }
    await client.user(name, name).catch((error) => expect(error).toMatchObject({ code: expect.any(String) }));
    const paths = hub.asked.map((line) => line.split(' ')[1] ?? '');
    const isOdd = ['', '.', '..'].includes(name) || !name.isWellFormed();
    if (isOdd) expect(paths, JSON.stringify(name)).toEqual([]);
    for (const path of paths) {
      const [, found = ''] = /^\/base\/hub\/api\/users\/(?:ada\/servers\/)?([^/?#]+)(?:\/server)?$/.exec(path) ?? [];
      expect(decodeURIComponent(found), path).toBe(name);
    }
  }
});

test.each([
  [403, 'FORBIDDEN', 'the Hub refuses to stop that server: no scope'],
  [404, 'NOT_FOUND', 'the Hub refuses to stop that server: no scope'],
  [400, 'FORBIDDEN', 'the Hub refuses to stop that server: no scope'],
  [503, 'HUB_UNREACHABLE', 'the Hub fails: no scope'],
])('where it says %i the error is %s', async (status, code, message) => {
  hub.answer = () => ({ status, body: { message: 'no scope' } });
  await expect(client.stopServer('t', 'ada', '')).rejects.toMatchObject({ code, message });
});

test('a Hub that is away is logged once, and again when it is back', async () => {
  hub.answer = () => ({ status: 502 });
  for (let count = 0; count < 3; count += 1)
    await expect(client.sync('t')).rejects.toThrow('the Hub fails: status 502');
  hub.answer = () => ({ status: 200, body: {} });
  await client.sync('t');
  await client.sync('t');
  expect(lines).toEqual(['the Hub fails: status 502', 'the Hub answers again']);
});

test('where it is, people are not told', async () => {
  const nobody = new HubRequests(new URL('http://127.0.0.1:1/hub/api/'), { info: () => {}, warn: () => {} });
  const asked = new HubClient(nobody, '/hub/').sync('t');
  await expect(asked).rejects.toMatchObject({ code: 'HUB_UNREACHABLE', message: 'the Hub does not answer' });
});

test('a page in the place of its answer is not the Hub', async () => {
  hub.answer = () => ({ status: 200, body: '<html>' });
  await expect(client.user('t', 'ada')).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
});

describe('a user', () => {
  const model = {
    name: 'ada',
    admin: true,
    last_activity: '2026-11-28T12:00:00.000000Z',
    servers: {
      '': {
        name: '',
        ready: true,
        pending: null,
        started: 'S',
        last_activity: 'L',
        url: '/base/user/ada/',
        stopped: false,
      },
      lab: {
        name: 'lab',
        ready: false,
        pending: 'spawn',
        url: '/x',
        full_url: 'https://ada.hub.example/user/ada/lab/',
      },
      old: { name: 'old', ready: false, pending: null, url: '/base/user/ada/old/', stopped: true },
    },
  };

  test('is shown with the servers that are not stopped', async () => {
    hub.answer = () => ({ status: 200, body: model });
    expect(await client.user('t', 'ada')).toEqual({
      name: 'ada',
      admin: true,
      lastActivity: '2026-11-28T12:00:00.000000Z',
      servers: [
        {
          name: '',
          ready: true,
          pending: null,
          started: 'S',
          lastActivity: 'L',
          url: 'https://hub.example/base/user/ada/',
        },
        {
          name: 'lab',
          ready: false,
          pending: 'spawn',
          started: null,
          lastActivity: null,
          url: 'https://ada.hub.example/user/ada/lab/',
        },
      ],
    });
  });

  test('whose details the viewer may not see is shown with what is left', async () => {
    hub.answer = () => ({ status: 200, body: { name: 'ada' } });
    expect(await client.user('t', 'ada')).toEqual({ name: 'ada', admin: false, lastActivity: null, servers: [] });
  });

  test('is asked for every 30 s at most, for each viewer', async () => {
    hub.answer = () => ({ status: 200, body: model });
    await client.user('t', 'ada');
    clock.now += 29_999;
    await client.user('t', 'ada');
    expect(hub.asked).toHaveLength(1);
    await client.user('another', 'ada');
    expect(hub.asked).toHaveLength(2);
    clock.now += 1;
    await client.user('t', 'ada');
    expect(hub.asked).toHaveLength(3);
  });

  test('is asked for again after a failure, and once a server was stopped', async () => {
    hub.answer = () => ({ status: 404, body: {} });
    await expect(client.user('t', 'ada')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    hub.answer = () => ({ status: 200, body: model });
    await client.user('t', 'ada');
    await client.stopServer('t', 'ada', '');
    await client.user('t', 'ada');
    expect(hub.asked).toHaveLength(4);
  });
});

describe('the comparison with routes', () => {
  const server = (name: string, more: object = {}) => ({
    name,
    ready: true,
    pending: null,
    url: `/user/${name}/`,
    ...more,
  });
  const user = (name: string, ...servers: object[]) => ({ name, servers: Object.fromEntries(Object.entries(servers)) });
  const page = (items: object[], offset: number, total: number, next: number | null) => ({
    items,
    _pagination: { offset, limit: 200, total, next: next === null ? null : { offset: next } },
  });

  test('names routes without a server, and servers without a route', async () => {
    hub.answer = () => ({
      status: 200,
      body: page(
        [user('ada', server(''), server('lab')), user('bob', server('', { ready: false, pending: 'spawn' }))],
        0,
        2,
        null,
      ),
    });
    const routes = [
      { key: '/user/ada', user: 'ada', server: '' },
      { key: '/user/bob', user: 'bob', server: '' },
      { key: '/user/eve', user: 'eve', server: '' },
      { key: '/user/ada/old', user: 'ada', server: 'old' },
    ];
    expect(await client.activeServers('t', routes)).toEqual({
      stale: [routes[2], routes[3]],
      missing: [{ user: 'ada', server: 'lab', url: 'https://hub.example/user/lab/' }],
      compared: { routes: 4, servers: 3 },
    });
  });

  test('misses none of those that are being started or stopped', async () => {
    const body = page(
      [user('bob', server('', { pending: 'stop' }), server('x', { ready: false, pending: 'spawn' }))],
      0,
      1,
      null,
    );
    hub.answer = () => ({ status: 200, body });
    expect(await client.activeServers('t', [])).toMatchObject({ missing: [], compared: { servers: 2 } });
  });

  test('goes through all pages, as the Hub says where the next one begins', async () => {
    hub.answer = (line) =>
      line.endsWith('offset=0')
        ? { status: 200, body: page([user('ada', server(''))], 0, 2, 50) }
        : { status: 200, body: page([user('bob', server(''))], 50, 2, null) };
    expect(await client.activeServers('t', [])).toMatchObject({ compared: { servers: 2 } });
    expect(hub.asked).toEqual([
      'GET /base/hub/api/users?state=active&limit=200&offset=0 token t',
      'GET /base/hub/api/users?state=active&limit=200&offset=50 token t',
    ]);
  });

  test('begins again when somebody came or went between two pages', async () => {
    let round = 0;
    hub.answer = (line) => {
      if (line.endsWith('offset=0')) {
        round += 1;
        return { status: 200, body: page([user('ada', server(''))], 0, round === 1 ? 3 : 2, 1) };
      }
      return { status: 200, body: page(round === 1 ? [] : [user('bob', server(''))], 1, 2, null) };
    };
    expect(await client.activeServers('t', [])).toMatchObject({ compared: { servers: 2 } });
    expect(hub.asked).toHaveLength(4);
  });

  test('ends where the pages do not', async () => {
    hub.answer = () => ({ status: 200, body: page([user('ada', server(''))], 0, 2, 0) });
    expect(await client.activeServers('t', [])).toMatchObject({ compared: { servers: 1 } });
  });

  test('says when the viewer may see users, and not their servers', async () => {
    hub.answer = () => ({ status: 200, body: page([{ name: 'ada' }], 0, 1, null) });
    await expect(client.activeServers('t', [])).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('who a token belongs to', () => {
  const wanted = ['access:services!service=signalbox'];

  test('is told with what they may do', async () => {
    hub.answer = () => ({ status: 200, body: { name: 'ada', scopes: ['proxy', ...wanted] } });
    expect(await whoIs(requests, 't', wanted)).toEqual({
      name: 'ada',
      mayOperate: true,
      hub: { token: 't', scopes: ['proxy', ...wanted] },
    });
  });

  test('may not operate with a right that is not over everything', async () => {
    hub.answer = () => ({ status: 200, body: { name: 'ada', scopes: ['proxy!user=ada', ...wanted] } });
    expect(await whoIs(requests, 't', wanted)).toMatchObject({ mayOperate: false });
  });

  test.each([
    [403, { name: 'ada', scopes: wanted }],
    [401, { name: 'ada', scopes: wanted }],
    [200, { name: 'ada', scopes: ['proxy'] }],
    [200, { name: 'ada', scopes: [] }],
    [200, { name: 'ada', scopes: 'access:services!service=signalbox' }],
    [200, { scopes: wanted }],
  ])('is nobody who may look where it says %i %j', async (status, body) => {
    hub.answer = () => ({ status, body });
    expect(await whoIs(requests, 't', wanted)).toBeUndefined();
  });

  test.each([404, 429, 500, 502])('is not known where the answer is %i', async (status) => {
    hub.answer = () => ({ status, body: {} });
    await expect(whoIs(requests, 't', wanted)).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  });
});
