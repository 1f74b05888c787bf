import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import cookie from '@fastify/cookie';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { createHub } from '../../../../src/dashboard/hub/create.ts';
import { MemorySessions } from '../../../../src/dashboard/sessions.ts';
import { onCleanup } from '../../../support/cleanup.ts';

const PREFIX = '/services/signalbox/';
const SCOPES = ['access:services!service=signalbox', 'proxy'];

type Respond = (request: { readonly path: string; readonly form: URLSearchParams; readonly token?: string }) => {
  readonly status: number;
  readonly body: object;
};

/**
 * The sign-in alone, before something that stands in for a Hub: a real one can't be had say what these tests want. It checks PKCE, as JupyterHub
 * does from 6.0 on.
 */
async function startLogin(respond?: Respond) {
  let challenge: string | null = null;
  const asked: string[] = [];
  const hub = createServer(async (request, response) => {
    const [path = ''] = request.url?.split('?') ?? [];
    const form = new URLSearchParams(await text(request));
    asked.push(path);
    const token = request.headers.authorization;
    const { status, body } = (respond ?? usual)({ path, form, ...(token !== undefined && { token }) });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const usual: Respond = ({ path, form, token }) => {
    if (path === '/hub/api/user') {
      return token === 'token of-ada'
        ? { status: 200, body: { name: 'ada', scopes: SCOPES } }
        : { status: 403, body: {} };
    }
    const given = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const { code_verifier: _, ...rest } = Object.fromEntries(form);
    expect(rest).toEqual({
      client_id: 'service-signalbox',
      client_secret: 'secret',
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: `${PREFIX}oauth_callback`,
    });
    if (given !== challenge) return { status: 400, body: { error: 'invalid_grant' } };
    return {
      status: 200,
      body: { access_token: 'of-ada', token_type: 'Bearer', expires_in: 1_209_600, scope: 'proxy' },
    };
  };
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  onCleanup(() => hub.close());

  const lines: string[] = [];
  const log = (fields: object, message: string) => lines.push(`${JSON.stringify(fields)} ${message}`);
  const login = createHub(
    {
      JUPYTERHUB_API_URL: `http://127.0.0.1:${(hub.address() as AddressInfo).port}/hub/api`,
      JUPYTERHUB_API_TOKEN: 'secret',
      JUPYTERHUB_SERVICE_NAME: 'signalbox',
      JUPYTERHUB_SERVICE_PREFIX: PREFIX,
    },
    { log: { info: log, warn: log } },
  )?.login;
  if (login === undefined) throw new Error('no Hub');
  const sessions = new MemorySessions({
    path: PREFIX,
    isSecure: ({ headers }) => headers['x-forwarded-proto'] === 'https',
  });
  const app = Fastify();
  await app.register(cookie);
  app.register(async (below) => login.register(below, sessions), { prefix: PREFIX });
  app.get('/begin', (request, reply) => login.begin(request, reply, `${PREFIX}?x=1`));
  app.get('/who', (request) => ({ name: sessions.of(request)?.viewer.name ?? 'nobody' }));
  onCleanup(() => app.close());

  const get = (url: string, cookies: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    app.inject({ url, cookies, headers });
  async function begin(cookies?: Record<string, string>, headers?: Record<string, string>) {
    const answer = await get('/begin', cookies, headers);
    const url = new URL(answer.headers.location as string, 'http://hub.test');
    challenge = url.searchParams.get('code_challenge');
    const [own] = answer.cookies.filter(({ value }) => value !== '');
    if (own === undefined) throw new Error('no cookie');
    return { answer, url, state: url.searchParams.get('state') ?? '', own, cookies: { [own.name]: own.value } };
  }
  const comeBack = (query: Record<string, string>, cookies?: Record<string, string>) =>
    get(`${PREFIX}oauth_callback?${new URLSearchParams(query)}`, cookies);
  return { get, begin, comeBack, asked, lines, login };
}

test('who comes back from the Hub has a session, and is where they wanted to be', async () => {
  const { begin, comeBack, get } = await startLogin();
  const { state, cookies } = await begin();
  const answer = await comeBack({ state, code: 'code-1' }, cookies);
  expect([answer.statusCode, answer.headers.location]).toEqual([302, `${PREFIX}?x=1`]);
  const session = answer.cookies.find(({ name }) => name === 'signalbox-session');
  expect(session).toMatchObject({ path: PREFIX, httpOnly: true, sameSite: 'Lax' });
  expect((await get('/who', { 'signalbox-session': session?.value ?? '' })).json()).toEqual({ name: 'ada' });
});

test('what is asked of the Hub has no scope, and a new state and challenge each time', async () => {
  const { begin } = await startLogin();
  const [one, two] = [await begin(), await begin()];
  expect(one.url.pathname).toBe('/hub/api/oauth2/authorize');
  expect([...one.url.searchParams.keys()].sort()).toEqual([
    ...['client_id', 'code_challenge', 'code_challenge_method', 'redirect_uri', 'response_type', 'state'],
  ]);
  expect(one.url.searchParams.get('redirect_uri')).toBe(`${PREFIX}oauth_callback`);
  expect(one.state).not.toBe(two.state);
  expect(one.url.searchParams.get('code_challenge')).not.toBe(two.url.searchParams.get('code_challenge'));
});

test('the cookie of a sign-in is for ten minutes, for this dashboard, and out of reach of scripts', async () => {
  const { begin } = await startLogin();
  const { own, state } = await begin();
  expect(own).toMatchObject({
    name: `signalbox-oauth-${state}`,
    maxAge: 600,
    path: PREFIX,
    httpOnly: true,
    sameSite: 'Lax',
  });
  expect(own.secure).toBeUndefined();
  expect((await begin({}, { 'x-forwarded-proto': 'https' })).own.secure).toBe(true);
});

test('the cookie goes once it was used', async () => {
  const { begin, comeBack } = await startLogin();
  const { state, own, cookies } = await begin();
  const answer = await comeBack({ state, code: 'code-1' }, cookies);
  expect(answer.cookies.find(({ name }) => name === own.name)).toMatchObject({ value: '', path: PREFIX });
});

test('two tabs sign in at the same time', async () => {
  const { begin, comeBack } = await startLogin();
  const first = await begin();
  const second = await begin(first.cookies);
  const both = { ...first.cookies, ...second.cookies };
  expect((await comeBack({ state: second.state, code: 'code-1' }, both)).statusCode).toBe(302);
});

test('sign-ins that were left do not fill the head of requests', async () => {
  const { begin } = await startLogin();
  let cookies: Record<string, string> = {};
  for (let index = 0; index < 20; index += 1) cookies = { ...cookies, ...(await begin(cookies)).cookies };
  const { answer } = await begin(cookies);
  expect(answer.cookies.filter(({ value }) => value === '').map(({ name }) => name)).toEqual(Object.keys(cookies));
});

interface Begun {
  readonly state: string;
  readonly cookies: Record<string, string>;
}

test.each<[string, (mine: Begun, other: Begun) => Partial<Begun>]>([
  ['a browser without its cookie', ({ state }) => ({ state })],
  ['a state that was begun in another browser', ({ cookies }, { state }) => ({ state, cookies })],
  ['a state that was never given', () => ({ state: 'x', cookies: { 'signalbox-oauth-x': '1' } })],
  ['no state', ({ cookies }) => ({ cookies: { ...cookies, 'signalbox-oauth-': '1' } })],
])('%s gets a page to start again, and the Hub is not asked', async (_, make) => {
  const { begin, comeBack, asked } = await startLogin();
  const { state, cookies } = make(await begin(), await begin());
  const answer = await comeBack({ code: 'code-1', ...(state !== undefined && { state }) }, cookies);
  expect(answer.statusCode).toBe(403);
  expect(answer.body).toContain('<a href=".">Start again</a>');
  expect(answer.cookies.some(({ name }) => name === 'signalbox-session')).toBe(false);
  expect(asked).toEqual([]);
});

test('a state is good once', async () => {
  const { begin, comeBack, asked } = await startLogin();
  const { state, cookies } = await begin();
  await comeBack({ state, code: 'code-1' }, cookies);
  const before = asked.length;
  expect((await comeBack({ state, code: 'code-1' }, cookies)).statusCode).toBe(403);
  expect(asked).toHaveLength(before);
});

test('who says no at the Hub is told so, and what the Hub says is shown as text', async () => {
  const { begin, comeBack } = await startLogin();
  const { state, cookies } = await begin();
  const answer = await comeBack({ state, error: 'access_denied', error_description: '<b>no</b>' }, cookies);
  expect(answer.statusCode).toBe(403);
  expect(answer.body).toContain('&#60;b&#62;no&#60;/b&#62;');
});

test('somebody whom the Hub does not let look gets no session', async () => {
  const { begin, comeBack } = await startLogin(({ path }) =>
    path === '/hub/api/user'
      ? { status: 200, body: { name: 'eve', scopes: ['proxy', 'access:services!service=other'] } }
      : { status: 200, body: { access_token: 'of-eve', token_type: 'Bearer' } },
  );
  const { state, cookies } = await begin();
  const answer = await comeBack({ state, code: 'code-1' }, cookies);
  expect(answer.statusCode).toBe(403);
  expect(answer.cookies.some(({ name }) => name === 'signalbox-session')).toBe(false);
});

test('a code that the Hub does not take, and a Hub that is away, are told apart', async () => {
  const refused = await startLogin(() => ({ status: 400, body: { error: 'invalid_grant' } }));
  const away = await startLogin(() => ({ status: 503, body: {} }));
  const statuses = [];
  for (const { begin, comeBack } of [refused, away]) {
    const { state, cookies } = await begin();
    statuses.push((await comeBack({ state, code: 'code-1' }, cookies)).statusCode);
  }
  expect(statuses).toEqual([403, 503]);
});

test('neither codes nor tokens nor states are logged, whatever comes of it', async () => {
  const lines: string[] = [];
  const seen = ['code-1', 'secret', 'of-ada'];
  for (const respond of [
    undefined,
    () => ({ status: 400, body: { error: 'invalid_grant' } }),
    () => ({ status: 503, body: {} }),
  ]) {
    const { begin, comeBack, ...login } = await startLogin(respond);
    const { state, cookies } = await begin();
    await comeBack({ state, code: 'code-1' }, cookies);
    await comeBack({ state, code: 'code-1' }, cookies);
    lines.push(...login.lines);
    seen.push(state);
  }
  // A Hub that is away has a line of its own.
  expect(lines).toHaveLength(4);
  expect(seen.filter((secret) => lines.some((line) => line.includes(secret)))).toEqual([]);
});

test('after logging out here one logs out at the Hub', async () => {
  const { login } = await startLogin();
  expect(login.afterLogOut).toBe('/hub/logout');
});
