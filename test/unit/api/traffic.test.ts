import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { People, TRAFFIC_SCHEMAS, Traffic, TrafficOfRoute, TrafficRoutes } from '../../../src/api/traffic/schemas.ts';
import { api } from './client.ts';
import { hubs, THREE, tokenOf } from './namespaces/hubs.ts';

const NAMED = Object.fromEntries(
  TRAFFIC_SCHEMAS.map((schema: TSchema & { $id?: string }) => [`${schema.$id}#`, schema]),
);

/** Nothing but what the schema has, and all of it. */
function check(schema: TSchema, value: unknown): void {
  expect([...Value.Errors(NAMED, schema, value)]).toEqual([]);
}

function busy() {
  const made = api();
  const { add, request, data, state, history } = made.traffic;
  add('/', { hub: true });
  add('/user/ada', { user: 'ada', server_name: '' }, 'http://me:s3cret@h:1/');
  add('/ü +%2F/x', {}, 'http://odd');
  request('/user/ada');
  data('/user/ada');
  state.open = new Map([['/user/ada', 1]]);
  history.looked();
  const get = async (url: string) => {
    const answer = await made.call('GET', url);
    expect([url, answer.statusCode]).toEqual([url, 200]);
    return answer.json();
  };
  return { ...made, get };
}

describe('the traffic', () => {
  it('is as the schemas say', async () => {
    const { get } = busy();
    check(Traffic, await get('/traffic'));
    check(TrafficRoutes, await get('/traffic/routes'));
    check(TrafficOfRoute, await get('/traffic/route?key=%2Fuser%2Fada'));
    check(TrafficOfRoute, await get('/traffic/route?key=/'));
    check(People, await get('/traffic/people'));
    expect(() => check(People, { rows: [{}] })).toThrow();
    expect(() => check(TrafficRoutes, { time: 1, total: 1, matching: 1, offset: 0, rows: [{}] })).toThrow();
  });

  it('is told from a time on', async () => {
    const { get, traffic } = busy();
    traffic.state.now += 60_000;
    const { fine } = await get(`/traffic?since=${traffic.state.now}`);
    expect(fine.times).toEqual([traffic.state.now]);
  });

  it('has no secret in it', async () => {
    const { call } = busy();
    for (const url of ['/traffic/routes', '/traffic/route?key=%2Fuser%2Fada', '/traffic/people', '/traffic'])
      expect((await call('GET', url)).body).not.toContain('s3cret');
  });

  it('takes all that it documents', async () => {
    const { get } = busy();
    const { rows, offset } = await get(
      '/traffic/routes?q=ADA&show=active&kind=user&sort=used&desc=true&limit=1&offset=0',
    );
    expect([rows.length, rows[0].key, offset]).toEqual([1, '/user/ada', 0]);
    expect((await get('/traffic/routes?desc=1&limit=1&offset=1')).rows[0].key).toBe('/user/ada');
    expect((await get('/traffic/routes?q=&show=&kind=&sort=&desc=&limit=&offset=')).rows).toHaveLength(3);
    expect((await get('/traffic/routes?offset=7')).rows).toEqual([]);
    expect((await get('/traffic/people?q=ad&show=connected&sort=open&desc=0')).rows[0].user).toBe('ada');
  });

  it('has a route under whatever key', async () => {
    const { get, call } = busy();
    const key = '/ü +%2F/x';
    expect((await get(`/traffic/route?key=${encodeURIComponent(key)}`)).route.key).toBe(key);
    const none = await call('GET', '/traffic/route?key=%2Fuser');
    expect([none.statusCode, none.json().code, none.json().message]).toEqual([
      404,
      'NOT_FOUND',
      expect.stringContaining('"/user"'),
    ]);
  });

  it.each([
    ['/traffic?since=x', 'since', 'a whole number'],
    ['/traffic?since=-1', 'since', 'a whole number'],
    ['/traffic/routes?show=most', 'show', 'all, active, errors'],
    ['/traffic/routes?kind=users', 'kind', 'all, user, hub'],
    ['/traffic/routes?sort=constructor', 'sort', 'route, owner'],
    ['/traffic/routes?desc=yes', 'desc', '0, 1'],
    ['/traffic/routes?limit=0', 'limit', 'from 1 to 500'],
    ['/traffic/routes?limit=501', 'limit', 'from 1 to 500'],
    ['/traffic/routes?limit=1e2', 'limit', 'from 1 to 500'],
    ['/traffic/routes?offset=1.5', 'offset', 'a whole number'],
    ['/traffic/people?show=errors', 'show', 'all, connected, idle'],
    ['/traffic/people?sort=route', 'sort', 'user, servers'],
    ['/traffic/route', 'key', '%2Fuser%2Falice'],
    ['/traffic/route?key=', 'key', '%2Fuser%2Falice'],
  ])('refuses %s', async (url, name, expected) => {
    const answer = await busy().call('GET', url);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_PARAMETER']);
    expect(answer.json().message).toContain(name);
    expect(answer.json().message).toContain(expected);
  });

  it('is not for the token of a namespace, and not for none', async () => {
    for (const url of ['/traffic', '/traffic/routes', '/traffic/route?key=/', '/traffic/people']) {
      const answer = await hubs(THREE).call('GET', url, undefined, { authorization: `token ${tokenOf('chem')}` });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 403, 'NOT_IN_NAMESPACE']);
      const none = await busy().call('GET', url, undefined, {});
      expect([url, none.statusCode, none.json().code]).toEqual([url, 403, 'FORBIDDEN']);
      expect((await busy().call('POST', url)).statusCode).toBe(405);
    }
  });

  it('says how old the table is when the database is away', async () => {
    const { call, traffic } = busy();
    traffic.state.staleMs = 1_500;
    expect((await call('GET', '/traffic/routes')).headers['signalbox-stale']).toBe('2');
    expect((await call('GET', '/traffic/people')).headers['signalbox-stale']).toBe('2');
  });
});

it('a page of a large table is small, and is made while others have their turn', async () => {
  const { call, traffic } = api();
  for (let n = 0; n < 10_000; n++) {
    const key = `/user/name-${n}`;
    traffic.add(key, { user: `name-${n}`, server_name: '' }, `http://10.0.${n >> 8}.${n & 255}:8888`);
    traffic.request(key);
  }
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const answer = await call('GET', '/traffic/routes?sort=requests&desc=1');
  clearInterval(others);
  expect(answer.json()).toMatchObject({ total: 10_000, matching: 10_000, rows: { length: 100 } });
  expect(answer.body.length).toBeLessThan(60_000);
  expect(turns).toBeGreaterThan(0);
});
