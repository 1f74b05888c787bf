import type { HTTPMethods } from 'fastify';
import { describe, expect, test } from 'vitest';
import { dashboard, NAVIGATION, ORIGIN, READ, startStandIn, WHOLE } from './harness.ts';

/** All that may be asked for without a session. */
const OPEN = [
  'GET /',
  'GET /signalbox',
  'GET /signalbox/healthz',
  'GET /signalbox/icon.svg',
  'GET /signalbox/sign-in',
  'GET /signalbox/sign-in.css',
  'POST /signalbox/sign-in',
  'GET /signalbox/assets/page-1.css',
  'GET /signalbox/assets/page-1.js',
  'HEAD /signalbox/assets/page-1.css',
  'HEAD /signalbox/assets/page-1.js',
].sort();

async function withRoutes() {
  const made = dashboard();
  const routes: { method: HTTPMethods; url: string }[] = [];
  made.app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  await made.app.ready();
  return { ...made, routes };
}

describe('without a session', () => {
  test('every URL but those of a short list answers 401', async () => {
    const { routes, send } = await withRoutes();
    expect(routes.length).toBeGreaterThan(OPEN.length + 10);
    const open: string[] = [];
    for (const { method, url } of [
      ...routes,
      { method: 'GET', url: '/nowhere' },
      { method: 'PUT', url: '/signalbox/' },
    ]) {
      const answer = await send({ method: method as 'GET', url, headers: { 'content-type': 'application/json' } });
      if (answer.statusCode !== 401) open.push(`${method} ${url}`);
    }
    expect(open.sort()).toEqual(OPEN);
  });

  test('a navigation is led to the form, and nothing else is', async () => {
    const { send } = dashboard();
    const answers = await Promise.all([
      send({ url: '/signalbox/', headers: NAVIGATION }),
      send({ url: '/signalbox/', headers: { accept: 'text/html' } }),
      send({ url: '/signalbox/?x=1', headers: NAVIGATION }),
      send({ url: '/signalbox/', headers: { ...NAVIGATION, 'sec-fetch-dest': 'iframe' } }),
      send({
        url: '/signalbox/',
        headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'text/html' },
      }),
    ]);
    expect(answers.map(({ statusCode, headers }) => headers.location ?? statusCode)).toEqual([
      '/signalbox/sign-in',
      '/signalbox/sign-in',
      '/signalbox/sign-in?next=%2Fsignalbox%2F%3Fx%3D1',
      401,
      401,
    ]);
  });

  test('nobody is served by a name that is not ours', async () => {
    const { send } = dashboard();
    const status = async (host: string) => (await send({ url: '/signalbox/healthz', headers: { host } })).statusCode;
    expect(await status('rebound.example:8002')).toBe(403);
    expect(await status('localhost:1234')).toBe(200);
  });
});

describe('the document', () => {
  test('is for a window of its own: its token is given to no script and no frame', async () => {
    const { send, signIn } = dashboard();
    const cookie = await signIn();
    const got = async (headers: Record<string, string>) => {
      const { statusCode, body } = await send({ url: '/signalbox/', headers: { cookie, ...headers } });
      return { statusCode, hasToken: body.includes('signalbox-page') };
    };
    expect(await got(NAVIGATION)).toEqual({ statusCode: 200, hasToken: true });
    for (const [mode, dest] of [
      ['cors', 'empty'],
      ['no-cors', 'empty'],
      ['same-origin', 'empty'],
      ['navigate', 'iframe'],
      ['navigate', 'frame'],
      ['navigate', 'object'],
      ['navigate', 'embed'],
      ['no-cors', 'document'],
    ] as const) {
      expect(await got({ 'sec-fetch-mode': mode, 'sec-fetch-dest': dest })).toEqual({
        statusCode: 403,
        hasToken: false,
      });
    }
  });

  test('that came without Sec-Fetch headers, as over plain HTTP, only shows', async () => {
    const { send, signIn, open, act } = dashboard();
    const cookie = await signIn();
    const seen = await open(cookie, { accept: 'text/html' });
    const me = (await send({ url: '/signalbox/api/me', headers: seen })).json();
    expect(me).toMatchObject({ mayOperate: false, viewOnly: expect.stringContaining('without encryption') });
    const refused = await act('actions/remove-route', { key: '/user/ada' }, seen);
    expect([refused.statusCode, refused.json().message]).toEqual([403, me.viewOnly]);
    expect(seen).not.toEqual(await open(cookie));
  });
});

describe('what the page asks for', () => {
  test('needs its token, and that of its own session', async () => {
    const { send, signIn, open } = dashboard();
    const [ada, bob] = [await open(await signIn()), await open(await signIn(READ))];
    const status = async (headers: Record<string, string>) =>
      (await send({ url: '/signalbox/api/me', headers })).statusCode;
    expect(await status(ada)).toBe(200);
    expect(await status({ cookie: ada.cookie })).toBe(401);
    expect(await status({ ...ada, 'signalbox-page': `${ada['signalbox-page']}x` })).toBe(401);
    expect(await status({ ...ada, 'signalbox-page': bob['signalbox-page'] })).toBe(401);
    expect(await status({ ...ada, 'signalbox-page': ada.cookie.split('=')[1] ?? '' })).toBe(401);
  });

  test('changes nothing unless it is JSON of our own origin', async () => {
    const daemon = await startStandIn(() => ({ body: {} }));
    const { signIn, open, act } = dashboard({ api: daemon.url });
    const page = await open(await signIn());
    const status = async (headers: Record<string, string>, body: unknown = {}) =>
      (await act('actions/verify', body, { ...page, ...headers })).statusCode;
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ origin: 'http://127.0.0.1:8003' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ 'content-type': 'application/x-www-form-urlencoded' }, 'a=b')).toBe(415);
    expect(await status({ 'content-type': 'text/plain' }, '{}')).toBe(415);
    expect(await status({}, '{')).toBe(400);
    expect(daemon.asked).toEqual([]);
    expect(await status({})).toBe(200);
    expect(daemon.asked).toHaveLength(1);
  });

  test('says why somebody may only look', async () => {
    const why = async (made: ReturnType<typeof dashboard>, token: string) => {
      const page = await made.open(await made.signIn(token));
      const { mayOperate, viewOnly } = (await made.send({ url: '/signalbox/api/me', headers: page })).json();
      const refused = await made.act('actions/verify', {}, page);
      return { mayOperate, viewOnly, status: refused.statusCode };
    };
    expect(await why(dashboard(), READ)).toEqual({
      ...{ mayOperate: false, status: 403 },
      viewOnly: 'You may look, and change no routes.',
    });
    expect(await why(dashboard({ mayChange: false }), WHOLE)).toEqual({
      ...{ mayOperate: false, status: 403 },
      viewOnly: 'This dashboard has only the read token of Signalbox, so it shows and changes nothing.',
    });
  });

  test('is passed on with its query, and with what the daemon says against it', async () => {
    const daemon = await startStandIn(({ url }) =>
      url.includes('key=%2Fnone')
        ? { status: 404, body: { message: 'no route', code: 'NOT_FOUND', hint: 'look' } }
        : { body: { rows: [] } },
    );
    const { signIn, open, send } = dashboard({ api: daemon.url });
    const headers = await open(await signIn());
    const rows = await send({ url: '/signalbox/api/traffic/routes?q=a%26b&limit=1', headers });
    expect([rows.statusCode, rows.json()]).toEqual([200, { rows: [] }]);
    const none = await send({ url: '/signalbox/api/traffic/route?key=%2Fnone', headers });
    expect([none.statusCode, none.json()]).toEqual([404, { message: 'no route', code: 'NOT_FOUND', hint: 'look' }]);
    expect(daemon.asked.map(({ url }) => url)).toEqual([
      '/traffic/routes?q=a%26b&limit=1',
      '/traffic/route?key=%2Fnone',
    ]);
    expect(daemon.asked[0]?.headers.authorization).toBe(`token ${WHOLE}`);
  });

  test('a daemon that is away, or refuses our token, is 503: the page must not take it for its own session', async () => {
    const daemon = await startStandIn(() => ({ status: 403, body: { message: 'Forbidden', code: 'FORBIDDEN' } }));
    for (const made of [dashboard(), dashboard({ api: daemon.url })]) {
      const headers = await made.open(await made.signIn());
      const answer = await made.send({ url: '/signalbox/api/status', headers });
      expect([answer.statusCode, answer.json().code]).toEqual([503, 'API_UNREACHABLE']);
      expect(answer.body).not.toMatch(/127\.0\.0\.1|whole-token/);
    }
  });
});

test('logging out ends the session', async () => {
  const { signIn, open, act, send } = dashboard();
  const page = await open(await signIn());
  expect((await act('log-out', {}, page)).json()).toEqual({ next: '/signalbox/sign-in' });
  expect((await send({ url: '/signalbox/api/me', headers: page })).statusCode).toBe(401);
});

test('assets are kept by browsers, and sent as they were compressed', async () => {
  const { send } = dashboard();
  const script = await send({ url: '/signalbox/assets/page-1.js', headers: { 'accept-encoding': 'br' } });
  expect(script.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'br',
    'content-type': expect.stringContaining('javascript'),
  });
  expect(script.body).toBe('page-1.js.br');
});

test('at the root of a host there are the same pages', async () => {
  const made = dashboard({ options: { prefix: '/' } });
  const page = await made.open(await made.signIn());
  expect((await made.send({ url: '/api/me', headers: page })).json()).toMatchObject({
    name: 'operator',
    ownRoute: null,
  });
});

test('neither a token nor a cookie is in the log', async () => {
  const { signIn, open, act, send, logged } = dashboard();
  const page = await open(await signIn());
  await signIn('guess-of-a-token');
  await send({ url: '/signalbox/api/status?code=abc', headers: page });
  await act('actions/verify', {}, page);
  await act('log-out', {}, page);
  const text = logged.join('');
  expect(text).toContain('signed in');
  for (const secret of [
    WHOLE,
    'guess-of-a-token',
    page['signalbox-page'],
    page.cookie.split('=')[1] ?? '',
    'code=abc',
  ]) {
    expect(text).not.toContain(secret);
  }
});

test('the origin of the form must be ours, too', async () => {
  const { send } = dashboard();
  const post = (origin: string) =>
    send({
      method: 'POST',
      url: '/signalbox/sign-in',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `token=${WHOLE}`,
    });
  expect((await post('http://evil.example')).headers['set-cookie']).toBeUndefined();
  expect((await post('null')).headers['set-cookie']).toBeUndefined();
  expect((await post(ORIGIN)).headers['set-cookie']).toMatch(/; Path=\/signalbox\/; HttpOnly; SameSite=Lax$/);
});
