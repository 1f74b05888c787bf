import { describe, expect, test } from 'vitest';
import type { Hub, HubApi } from '../../../src/dashboard/hub/hub-api.ts';
import type { Login } from '../../../src/dashboard/login/login.ts';
import { noLogin } from '../../../src/dashboard/login/none.ts';
import { type Asked, dashboard, NAVIGATION, startStandIn } from './harness.ts';

const ROUTE = { target: 'http://10.0.0.1:8888', user: 'ada' };

describe('a removed route', () => {
  async function made() {
    const table = new Map([['/user/ada', ROUTE]]);
    const daemon = await startStandIn(({ method, body }: Asked) => {
      if (method === 'GET') {
        const route = table.get('/user/ada');
        return route ? { body: route } : { status: 404, body: { message: 'no', code: 'NOT_FOUND' } };
      }
      for (const [key, route] of Object.entries<typeof ROUTE | null>(JSON.parse(body))) {
        if (route) table.set(key, route);
        else table.delete(key);
      }
      return { body: {} };
    });
    let now = Date.now();
    const server = dashboard({ api: daemon.url, options: { now: () => now } });
    const page = await server.open(await server.signIn());
    const { undo } = (await server.act('actions/remove-route', { key: '/user/ada' }, page)).json();
    const restore = async (which: string) => {
      const answer = await server.act('actions/restore-route', { undo: which }, page);
      return [answer.statusCode, table.has('/user/ada')];
    };
    const later = (ms: number) => {
      now += ms;
    };
    return { undo, restore, later, page, ...server };
  }

  test('can be put back for a minute, once', async () => {
    const { undo, restore, later } = await made();
    later(59_000);
    expect(await restore('something-else')).toEqual([404, false]);
    expect(await restore(undo)).toEqual([200, true]);
    expect(await restore(undo)).toEqual([404, true]);
  });

  test('can not after that', async () => {
    const { undo, restore, later } = await made();
    later(61_000);
    expect(await restore(undo)).toEqual([404, false]);
  });

  test('is never that of all, of this dashboard, or of no route at all', async () => {
    const { act, page, logged } = await made();
    const status = async (body: unknown) => (await act('actions/remove-route', body, page)).statusCode;
    for (const key of ['/', '', '//', '/signalbox', '/signalbox/', '/127.0.0.1/signalbox']) {
      expect([key, await status({ key })]).toEqual([key, key === '' ? 400 : 403]);
    }
    expect(await status({ key: '/a/../b' })).toBe(400);
    expect(await status({ key: 5 })).toBe(400);
    expect(await status({ key: ['/user/ada'] })).toBe(400);
    expect(await status(null)).toBe(400);
    expect(logged.join('')).toMatch(/"action":"remove-route","actor":"operator","key":"\/user\/ada","before":"http:/);
  });
});

describe('what the Hub does', () => {
  /** Someone who has signed in at a Hub, whose session is `isGood` or not. */
  function made(scopes: readonly string[] = ['proxy', 'delete:servers']) {
    const asked: unknown[][] = [];
    const state = { isGood: true };
    const api = Object.fromEntries(
      ['sync', 'stopServer', 'user', 'activeServers'].map((name) => [
        name,
        async (...args: unknown[]) => {
          asked.push([name, ...args]);
          return { pending: true };
        },
      ]),
    ) as unknown as HubApi;
    const login = ({ prefix }: { prefix: string }): Login => {
      const viewer = { name: 'ada', mayOperate: false, hub: { token: 'of-ada', scopes } };
      const base = noLogin(prefix);
      let sessions: Parameters<Login['register']>[1];
      return {
        ...base,
        kind: 'hub',
        register(_app, all) {
          sessions = all;
        },
        async begin(request, reply, next) {
          sessions.begin(request, reply, viewer);
          return reply.redirect(next);
        },
        viewer: async () => (state.isGood ? viewer : undefined),
      };
    };
    const hub = {
      api,
      describe: () => ({ url: '/hub/', maySync: true, mayStop: true, mayListUsers: true }),
      place: { ownRoute: '/services/signalbox' },
    } as unknown as Hub;
    const server = dashboard({ login, options: { hub } });
    const open = async (headers: Record<string, string> = NAVIGATION) => {
      const first = await server.send({ url: '/signalbox/', headers: { accept: 'text/html', ...headers } });
      return server.open(`${first.headers['set-cookie']}`.split(';')[0] ?? '', headers);
    };
    return { ...server, open, asked, state };
  }

  test('is asked with the token of the person, who need not be one who operates here', async () => {
    const { open, act, asked, logged } = made();
    const page = await open();
    expect((await act('actions/sync', {}, page)).statusCode).toBe(200);
    const stopped = await act('actions/stop-server', { user: 'bob', server: '' }, page);
    expect([stopped.statusCode, stopped.json()]).toEqual([200, { pending: true }]);
    expect(asked).toEqual([
      ['sync', 'of-ada'],
      ['stopServer', 'of-ada', 'bob', ''],
    ]);
    expect((await act('actions/verify', {}, page)).statusCode).toBe(403);
    expect(logged.join('')).toMatch(/"action":"stop-server","actor":"ada","user":"bob","server":""/);
    expect(logged.join('')).not.toContain('of-ada');
  });

  test('is not asked by a page that may only look, and by nobody whose session has ended', async () => {
    const { open, act, send, asked, state } = made();
    const looking = await open({ accept: 'text/html' });
    expect((await send({ url: '/signalbox/api/me', headers: looking })).json().hub).toMatchObject({
      ...{ maySync: false, mayStop: false },
    });
    expect((await act('actions/sync', {}, looking)).statusCode).toBe(403);
    const page = await open();
    state.isGood = false;
    expect((await act('actions/stop-server', { user: 'bob', server: '' }, page)).statusCode).toBe(401);
    state.isGood = true;
    expect((await act('actions/sync', {}, page)).statusCode, 'once it has ended').toBe(401);
    expect(asked).toEqual([]);
  });
});
