import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { IDLE_MS, MemorySessions, MOST_MS } from '../../../src/dashboard/sessions.ts';

const ADA = { name: 'ada', mayOperate: true };

function made({ path = '/signalbox/', secure = false } = {}) {
  let now = 1_000_000;
  const sessions = new MemorySessions({ path, isSecure: () => secure, now: () => now });
  /** A request with these cookies. */
  const request = (...cookies: string[]) => ({ headers: { cookie: cookies.join('; ') } }) as unknown as FastifyRequest;
  const set: { name: string; value: string; options: Record<string, unknown> }[] = [];
  const reply = {
    setCookie: (name: string, value: string, options: Record<string, unknown>) => set.push({ name, value, options }),
  } as unknown as FastifyReply;
  const begin = (...cookies: string[]) => {
    const session = sessions.begin(request(...cookies), reply, ADA);
    const { name = '', value = '' } = set.at(-1) ?? {};
    return { session, cookie: `${name}=${value}` };
  };
  const of = (...cookies: string[]) => sessions.of(request(...cookies));
  const later = (ms: number) => {
    now += ms;
  };
  return { sessions, begin, of, later, set };
}

describe('a session', () => {
  test('is known by its cookie alone, which nobody can guess', () => {
    const { begin, of } = made();
    const [one, other] = [begin(), begin()];
    expect(of(one.cookie)).toBe(one.session);
    expect(of('a=b', other.cookie)).toBe(other.session);
    expect(of()).toBeUndefined();
    expect(of(one.cookie.slice(0, -1))).toBeUndefined();
    expect(of(`signalbox-session=${one.session.pageToken}`)).toBeUndefined();
    expect(of(`other=${one.session.id}`)).toBeUndefined();
    expect(Buffer.from(one.session.id, 'base64url')).toHaveLength(32);
    expect(Buffer.from(one.session.pageToken, 'base64url')).toHaveLength(32);
  });

  test('ends when it is not used, and at last however much it is', () => {
    const { begin, of, later } = made();
    const { cookie, session } = begin();
    later(IDLE_MS);
    expect(of(cookie)).toBe(session);
    later(IDLE_MS + 1);
    expect(of(cookie)).toBeUndefined();
    expect(of(cookie), 'once it is over').toBeUndefined();

    const used = begin();
    for (let age = 0; age + IDLE_MS <= MOST_MS; age += IDLE_MS) {
      expect(of(used.cookie)).toBe(used.session);
      later(IDLE_MS);
    }
    later(1);
    expect(of(used.cookie)).toBeUndefined();
  });

  test('has a new id after signing in again, and the old one is worth nothing', () => {
    const { begin, of } = made();
    const first = begin();
    const second = begin(first.cookie);
    expect(second.session.id).not.toBe(first.session.id);
    expect(of(first.cookie)).toBeUndefined();
    expect(of(second.cookie)).toBe(second.session);
  });

  test('is not one that somebody has put into the browser', () => {
    const { begin, of } = made();
    const planted = 'signalbox-session=chosen-by-mallory';
    const { session } = begin(planted);
    expect(session.id).not.toBe('chosen-by-mallory');
    expect(of(planted)).toBeUndefined();
  });

  test('is not hidden by a cookie of the same name that a page of the same origin has set', () => {
    const { begin, of } = made();
    const { session, cookie } = begin();
    expect(of('signalbox-session=of-mallory', cookie)).toBe(session);
  });

  test('that has ended is forgotten', () => {
    const { sessions, begin, of } = made();
    const { session, cookie } = begin();
    sessions.end(session);
    expect(of(cookie)).toBeUndefined();
  });
});

test('of too many sessions the one that was used longest ago ends', () => {
  const { begin, of } = made();
  const [used, unused] = [begin(), begin()];
  expect(of(used.cookie)).toBeDefined();
  for (let count = 0; count < 1_999; count++) begin();
  expect(of(unused.cookie)).toBeUndefined();
  expect(of(used.cookie)).toBe(used.session);
});

describe('its cookie', () => {
  test('goes to this dashboard alone, and to no script', () => {
    const { begin, set } = made();
    begin();
    expect(set[0]).toMatchObject({
      name: 'signalbox-session',
      options: { path: '/signalbox/', httpOnly: true, sameSite: 'lax', secure: false },
    });
  });

  test('goes over https alone where that is spoken, and is __Host- where it can be', () => {
    const below = made({ secure: true });
    below.begin();
    expect(below.set[0]).toMatchObject({ name: 'signalbox-session', options: { path: '/signalbox/', secure: true } });
    const root = made({ path: '/', secure: true });
    root.begin();
    expect(root.set[0]).toMatchObject({ name: '__Host-signalbox-session', options: { path: '/', secure: true } });
    const plain = made({ path: '/' });
    plain.begin();
    expect(plain.set[0]?.name).toBe('signalbox-session');
  });
});
