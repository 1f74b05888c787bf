import { describe, expect, it } from 'vitest';
import { PEOPLE_SORTS } from '../../../src/traffic/choices.ts';
import type { PeopleChoice } from '../../../src/traffic/people.ts';
import { HOUR, MINUTE, NOON, SECOND, UNREACHABLE } from './hits.ts';
import { trafficScene } from './scene.ts';

describe('all together', () => {
  it('is what ended since the daemon started, in fine and coarse samples', () => {
    const { history, state, request } = trafficScene();
    request('/gone', { time: NOON - SECOND });
    for (let second = 0; second < 20; second++) {
      state.now = NOON + second * SECOND;
      request('/gone');
      request('/gone', UNREACHABLE);
    }
    state.now = NOON + 20 * SECOND;
    const { fine, coarse, now, ...rest } = history.overview(undefined);
    expect(rest).toMatchObject({
      time: state.now,
      since: NOON,
      firstByte: 'first byte',
      open: 'websockets',
      blind: null,
    });
    expect([fine.step, fine.times.length, fine.success]).toEqual([SECOND, 21, [...Array(20).fill(1), 0]]);
    expect([coarse.step, coarse.times, coarse.unreachable]).toEqual([
      10 * SECOND,
      [0, 10, 20].map((s) => NOON + s * SECOND),
      [10, 10, 0],
    ]);
    expect(now).toMatchObject({
      routes: 0,
      requestsPerSecond: 2,
      requests: 40,
      serverErrors: 20,
      unreachable: 20,
      firstByteP95: 10,
    });
    expect(history.overview(NOON + 15 * SECOND)).toMatchObject({
      fine: { times: { length: 6 } },
      coarse: { times: { length: 2 } },
    });
  });

  it('has people and websockets as the last look saw them, or null', () => {
    const { history, state, add } = trafficScene();
    for (const [key, data] of Object.entries({
      '/a': { user: 'ada' },
      '/b': { user: 'ada' },
      '/c': { user: 'bob' },
      '/x': {},
    }))
      add(key, data);
    expect(history.overview(undefined).now).toMatchObject({ people: null });
    state.open = new Map([
      ['/a', 1],
      ['/b', 2],
      ['/x', 4],
      ['/gone', 1],
    ]);
    history.looked();
    expect(history.overview(undefined)).toMatchObject({
      now: { routes: 4, people: 1, websockets: 8 },
      fine: { people: [1], websockets: [8] },
    });
    state.open = null;
    state.now += SECOND;
    history.looked();
    expect(history.overview(undefined)).toMatchObject({
      now: { people: null, websockets: null },
      fine: { people: [1, null], websockets: [8, null] },
      blind: 'no ss',
    });
  });

  it('says that nothing is seen with --no-activity', () => {
    const { history, state } = trafficScene();
    state.isWatched = false;
    expect(history.overview(undefined)).toMatchObject({
      now: { people: null, websockets: null },
      blind: expect.stringContaining('--no-activity'),
    });
  });

  it('has changes, passes that succeeded, and reloads', () => {
    const { history, state } = trafficScene();
    history.changed();
    history.passed(0.04, undefined);
    state.reloads = 2;
    history.passed(7, new Error('refused'));
    expect(history.overview(undefined).fine).toMatchObject({ changes: [1], passP95: [40] });
  });

  it('goes on counting when the clock is set back', () => {
    const { history, state, request, add } = trafficScene();
    add('/a');
    state.now = NOON - HOUR;
    request('/a');
    expect(history.overview(undefined)).toMatchObject({ since: NOON - HOUR, now: { requests: 1 } });
  });
});

describe('one route', () => {
  it('is not there without a route', () => {
    const { history, request } = trafficScene();
    request('/a');
    expect(history.route('/a')).toBeUndefined();
  });

  it('has what is known of it', () => {
    const { history, state, add, request, data } = trafficScene();
    add('/user/ada', { user: 'ada', server_name: '' }, 'http://me:s3cret@h:1/x?token=s3cret');
    add('/alias', {}, 'http://me:s3cret@h:1/x?token=s3cret');
    for (let minute = 0; minute < 60; minute++) {
      state.now = NOON + minute * MINUTE;
      request('/user/ada', { time: state.now });
    }
    request('/user/ada', { status: 101, firstByte: 20 });
    request('/user/ada', { status: 503 });
    request('/user/ada', { ...UNREACHABLE, bytes: 7 });
    request('/user/ada', { status: 404, bytes: 0 });
    state.now += 30 * SECOND;
    data('/user/ada');
    state.open = new Map([['/user/ada', 1]]);
    const { route, minutes, why, ...rest } = history.route('/user/ada') ?? {};
    expect(rest).toEqual({
      ...{ time: state.now, since: NOON, sharedWith: 1, requests: 64, bytes: 6_207 },
      data: JSON.stringify({ target: 'http://h:1/x?…', user: 'ada', server_name: '' }),
      dataIsCut: false,
      statuses: { informational: 1, success: 60, redirect: 0, clientError: 1, serverError: 2, unreachable: 1 },
      ...{ firstByteP50: 10, firstByteP95: expect.any(Number), firstByteP99: expect.any(Number) },
    });
    expect(route).toMatchObject({
      key: '/user/ada',
      target: 'http://h:1/x?…',
      kind: 'user',
      user: 'ada',
      lastStatus: 404,
      requests: 64,
    });
    expect(minutes).toEqual({
      first: NOON,
      requests: [...Array(59).fill(1), 5],
      serverErrors: [...Array(59).fill(0), 2],
    });
    expect(why).toEqual({
      ...{ lastActivity: state.now, cause: 'data', lastData: state.now, lastRequest: state.now - 30 * SECOND, open: 1 },
      ...{ requestsPerMinute: 1, isPolling: true },
    });
  });

  it('is not said to poll for one request after the other that does not count', () => {
    const { history, state, add, request } = trafficScene();
    add('/a');
    for (let minute = 0; minute < 60; minute++) {
      state.now = NOON + minute * MINUTE;
      request('/a', { status: 424 });
    }
    expect(history.route('/a')).toMatchObject({
      why: { isPolling: false, requestsPerMinute: 0, lastRequest: null, cause: 'added' },
    });
  });

  it('without history says so', () => {
    const { history, add } = trafficScene();
    add('/a');
    expect(history.route('/a')).toMatchObject({
      minutes: null,
      requests: 0,
      firstByteP50: null,
      why: { isPolling: false, requestsPerMinute: 0 },
    });
  });

  it('is forgotten when it is gone at a look', () => {
    const { history, add, remove, request } = trafficScene();
    add('/a');
    request('/a');
    remove('/a');
    history.looked();
    add('/a');
    expect(history.route('/a')).toMatchObject({ minutes: null });
  });

  it('averages over the time since the start', () => {
    const { history, state, add, request } = trafficScene();
    add('/a');
    for (let n = 0; n < 20; n++) request('/a');
    expect(history.route('/a')?.route.requestsPerMinute).toBe(20);
    state.now = NOON + 2 * MINUTE;
    expect(history.route('/a')?.route.requestsPerMinute).toBe(10);
    state.now = NOON + 5 * MINUTE - 1;
    expect(history.route('/a')?.route.requestsPerMinute).toBe(4);
  });
});

describe('people', () => {
  const ALL: PeopleChoice = { q: '', show: 'all', sort: 'user', desc: false };

  function hub() {
    const scene = trafficScene();
    const { add, request, state } = scene;
    add('/', { hub: true });
    add('/user/bob', { user: 'bob', server_name: '' });
    for (let n = 0; n < 25; n++) add(`/user/ada/s${n}`, { user: 'ada', server_name: `s${n}` });
    add('/user/Eve', { user: 'Eve', server_name: '' });
    state.now += 2 * HOUR;
    for (let n = 0; n < 5; n++) request(`/user/ada/s${n}`);
    request('/user/bob', { status: 503 });
    state.open = new Map([
      ['/user/ada/s1', 2],
      ['/user/ada/s2', 1],
    ]);
    return scene;
  }
  const usersOf = async (choice: Partial<PeopleChoice>) =>
    (await hub().history.people({ ...ALL, ...choice }, { offset: 0, limit: 100 })).rows.map(({ user }) => user);

  it('have what all their servers have', async () => {
    const { history, state } = hub();
    const { total, matching, rows } = await history.people(ALL, { offset: 1, limit: 1 });
    expect([total, matching]).toEqual([3, 3]);
    const [ada] = rows;
    expect(ada).toMatchObject({
      user: 'ada',
      serverCount: 25,
      open: 3,
      requestsPerMinute: 1.3,
      serverErrors: 0,
      lastActivity: state.now,
    });
    expect([ada?.servers.length, ada?.servers[0]]).toEqual([20, { key: '/user/ada/s0', server: 's0' }]);
    state.open = null;
    const later = hub();
    later.state.open = null;
    expect((await later.history.people(ALL, { offset: 1, limit: 1 })).rows[0]?.open).toBeNull();
  });

  it('are found, shown and sorted', async () => {
    expect(await usersOf({})).toEqual(['Eve', 'ada', 'bob']);
    expect(await usersOf({ q: 'E' })).toEqual(['Eve']);
    expect(await usersOf({ show: 'connected' })).toEqual(['ada']);
    expect(await usersOf({ show: 'idle' })).toEqual(['Eve', 'bob']);
    const orders = await Promise.all(PEOPLE_SORTS.map((sort) => usersOf({ sort, desc: true })));
    expect(Object.fromEntries(PEOPLE_SORTS.map((sort, index) => [sort, orders[index]]))).toEqual({
      user: ['bob', 'ada', 'Eve'],
      servers: ['ada', 'Eve', 'bob'],
      open: ['ada', 'Eve', 'bob'],
      requests: ['ada', 'bob', 'Eve'],
      errors: ['bob', 'Eve', 'ada'],
      used: ['ada', 'Eve', 'bob'],
    });
  });
});
