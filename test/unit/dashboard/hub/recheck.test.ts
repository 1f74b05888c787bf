import { describe, expect, test } from 'vitest';
import { Recheck } from '../../../../src/dashboard/hub/recheck.ts';
import type { Session } from '../../../../src/dashboard/sessions.ts';
import type { Viewer } from '../../../../src/dashboard/viewer.ts';
import { SignalboxError } from '../../../../src/errors.ts';

const ADA: Viewer = { name: 'ada', mayOperate: true, hub: { token: 'secret', scopes: ['proxy'] } };
const away = () => Promise.reject(new SignalboxError('HUB_UNREACHABLE', 'the Hub is away'));

/** A session that has just begun, a clock to set, and a Hub that answers what `hub.answer` does. */
function begun() {
  const clock = { now: 1_000_000 };
  const hub = { asked: 0, answer: (): Promise<Viewer | undefined> => Promise.resolve(ADA) };
  const recheck = new Recheck({
    now: () => clock.now,
    whoIs: (token) => {
      expect(token).toBe('secret');
      hub.asked += 1;
      return hub.answer();
    },
  });
  const session: Session = { id: 'id', viewer: ADA, checked: clock.now, pageToken: 'page' };
  recheck.begin(session, 'one');
  return {
    clock,
    hub,
    session,
    look: (cookie: string | undefined, fresh = false) => recheck.viewer(session, cookie, fresh),
  };
}

test('a viewer counts for a minute, then the Hub is asked once more', async () => {
  const { clock, hub, look } = begun();
  clock.now += 59_999;
  expect(await look('one')).toBe(ADA);
  expect(hub.asked).toBe(0);
  clock.now += 1;
  await look('one');
  await look('one');
  expect(hub.asked).toBe(1);
});

test('what the Hub says then is what they may do from then on', async () => {
  const { clock, hub, session, look } = begun();
  const demoted = { ...ADA, mayOperate: false };
  hub.answer = () => Promise.resolve(demoted);
  clock.now += 60_000;
  expect(await look('one')).toBe(demoted);
  expect(session).toMatchObject({ viewer: demoted, checked: clock.now });
});

test('who may no longer look has no viewer', async () => {
  const { clock, hub, look } = begun();
  hub.answer = () => Promise.resolve(undefined);
  clock.now += 60_000;
  expect(await look('one')).toBeUndefined();
});

test('before an action the Hub is asked, whatever is known', async () => {
  const { hub, look } = begun();
  hub.answer = () => Promise.resolve(undefined);
  expect(await look('one', true)).toBeUndefined();
  expect(hub.asked).toBe(1);
});

test.each([['two'], [undefined]])('with another session cookie of the Hub (%s) it is asked at once', async (cookie) => {
  const { hub, look } = begun();
  await look(cookie);
  await look(cookie);
  expect(hub.asked).toBe(1);
});

test('a session that is not of the Hub has no viewer', async () => {
  const { session } = begun();
  const other = new Recheck({ whoIs: () => Promise.resolve(ADA) });
  expect(await other.viewer(session, 'one', false)).toBeUndefined();
});

test('what a page asks at once is one question to the Hub', async () => {
  const { clock, hub, look } = begun();
  clock.now += 60_000;
  await Promise.all([look('one'), look('one'), look('one')]);
  expect(hub.asked).toBe(1);
});

test('an action, and who has logged out, do not count on a question that is under way', async () => {
  const { clock, hub, look } = begun();
  clock.now += 60_000;
  const answers: ((viewer: Viewer | undefined) => void)[] = [];
  hub.answer = () => new Promise((resolve) => answers.push(resolve));
  const [view, action, loggedOut] = [look('one'), look('one', true), look(undefined)];
  expect(hub.asked).toBe(3);
  answers[0]?.(ADA);
  answers[1]?.(undefined);
  answers[2]?.(undefined);
  expect(await Promise.all([view, action, loggedOut])).toEqual([ADA, undefined, undefined]);
});

describe('while the Hub is away', () => {
  test('pages go on for five minutes, and it is not asked for each of them', async () => {
    const { clock, hub, look } = begun();
    hub.answer = away;
    clock.now += 60_000;
    expect(await look('one')).toBe(ADA);
    expect(await look('one')).toBe(ADA);
    expect(hub.asked).toBe(1);
    clock.now += 239_999;
    expect(await look('one')).toBe(ADA);
    clock.now += 1;
    await expect(look('one')).rejects.toThrow('the Hub is away');
  });

  test('there are no actions', async () => {
    const { look, hub } = begun();
    hub.answer = away;
    await expect(look('one', true)).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  });

  test('who has logged out there is found out as soon as it is back', async () => {
    const { clock, hub, look } = begun();
    hub.answer = away;
    expect(await look(undefined)).toBe(ADA);
    hub.answer = () => Promise.resolve(undefined);
    clock.now += 5_000;
    expect(await look(undefined)).toBeUndefined();
  });

  test('what is a bug of ours is not taken for it', async () => {
    const { clock, hub, look } = begun();
    hub.answer = () => Promise.reject(new TypeError('a bug'));
    clock.now += 60_000;
    await expect(look('one')).rejects.toThrow('a bug');
  });
});
