import { describe, expect, test } from 'vitest';
import { headerLogin } from '../../../../src/dashboard/login/header.ts';
import { noLogin } from '../../../../src/dashboard/login/none.ts';
import { dashboard, NAVIGATION } from '../harness.ts';

describe('a proxy that says who it is', () => {
  const SECRET = { 'signalbox-login-secret': 'between-us' };

  function made(secret: string | undefined = 'between-us') {
    const server = dashboard({ login: ({ prefix }) => headerLogin({ name: 'X-Remote-User', secret, prefix }) });
    const come = async (headers: Record<string, string>) => {
      const answer = await server.send({ url: '/signalbox/', headers: { ...NAVIGATION, ...headers } });
      return { status: answer.statusCode, cookie: `${answer.headers['set-cookie'] ?? ''}`.split(';')[0] ?? '' };
    };
    const me = async (cookie: string, headers: Record<string, string>) => {
      const page = await server.open(cookie, { ...NAVIGATION, ...headers });
      const answer = await server.send({ url: '/signalbox/api/me', headers: { ...page, ...headers } });
      return answer.statusCode === 200 ? answer.json().name : answer.statusCode;
    };
    return { come, me };
  }

  test('is believed with the secret, whatever the name', async () => {
    const { come, me } = made();
    for (const name of ['ada', 'Zoë', '<script>alert(1)</script>']) {
      const headers = { ...SECRET, 'x-remote-user': Buffer.from(name).toString('latin1') };
      const { status, cookie } = await come(headers);
      expect(status).toBe(302);
      expect(await me(cookie, headers)).toBe(name);
    }
  });

  test.each([
    [{ 'x-remote-user': 'ada' }],
    [{ 'x-remote-user': 'ada', 'signalbox-login-secret': 'between-u' }],
    [{ 'x-remote-user': 'ada', 'signalbox-login-secret': '' }],
    [{ ...SECRET }],
    [{ ...SECRET, 'x-remote-user': '  ' }],
  ])('is not with %j', async (headers) => {
    expect(await made().come(headers)).toEqual({ status: 403, cookie: '' });
  });

  test('is asked with every request: a cookie alone is nobody, and another name another session', async () => {
    const { come, me } = made();
    const ada = { ...SECRET, 'x-remote-user': 'ada' };
    const { cookie } = await come(ada);
    expect(await me(cookie, ada)).toBe('ada');
    expect(await me(cookie, { 'x-remote-user': 'ada' })).toBe(401);
    const again = await come(ada);
    expect(await me(again.cookie, { ...SECRET, 'x-remote-user': 'bob' })).toBe(401);
  });

  test('needs no secret on a socket of its own', async () => {
    const { send } = dashboard({
      login: ({ prefix }) => headerLogin({ name: 'X-Remote-User', secret: undefined, prefix }),
    });
    const answer = await send({ url: '/signalbox/', headers: { ...NAVIGATION, 'x-remote-user': 'ada' } });
    expect(answer.statusCode).toBe(302);
  });
});

test('where nobody signs in everybody looks, and nobody acts', async () => {
  const { send, open, act } = dashboard({ login: ({ prefix }) => noLogin(prefix) });
  const first = await send({ url: '/signalbox/', headers: NAVIGATION });
  expect(first.headers.location).toBe('/signalbox/');
  const page = await open(`${first.headers['set-cookie']}`.split(';')[0] ?? '');
  const me = (await send({ url: '/signalbox/api/me', headers: page })).json();
  expect(me).toMatchObject({ login: 'none', mayOperate: false, viewOnly: expect.stringContaining('Nobody signs in') });
  for (const action of ['verify', 'check-target', 'remove-route', 'restore-route']) {
    expect((await act(`actions/${action}`, { key: '/a', undo: 'x' }, page)).statusCode, action).toBe(403);
  }
});
