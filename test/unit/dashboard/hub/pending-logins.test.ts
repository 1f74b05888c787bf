import { expect, test } from 'vitest';
import { PendingLogins } from '../../../../src/dashboard/hub/pending-logins.ts';

const login = { next: '/services/signalbox/', verifier: 'v' };

test('who comes back finds what the sign-in began with', () => {
  const pending = new PendingLogins();
  pending.add('a', login);
  pending.add('b', { ...login, verifier: 'w' });
  expect(pending.take('b')).toMatchObject({ verifier: 'w' });
  expect(pending.take('a')).toMatchObject(login);
});

test('a state is good once', () => {
  const pending = new PendingLogins();
  pending.add('a', login);
  pending.take('a');
  expect(pending.take('a')).toBeUndefined();
});

test('a state that nobody was given leads nowhere', () => {
  const pending = new PendingLogins();
  pending.add('a', login);
  expect(pending.take('')).toBeUndefined();
  expect(pending.take('__proto__')).toBeUndefined();
});

test('after ten minutes it is too late', () => {
  let now = 0;
  const pending = new PendingLogins(() => now);
  pending.add('a', login);
  pending.add('b', login);
  now = 600_000;
  expect(pending.take('a')).toBeDefined();
  now = 600_001;
  expect(pending.take('b')).toBeUndefined();
});

test('a thousand are remembered, the newest', () => {
  const pending = new PendingLogins();
  for (let index = 0; index <= 1_000; index += 1) pending.add(`state-${index}`, login);
  expect(pending.take('state-0')).toBeUndefined();
  expect(pending.take('state-1')).toBeDefined();
  expect(pending.take('state-1000')).toBeDefined();
});
