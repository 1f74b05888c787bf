import { expect, test } from 'vitest';
import { holds, holdsForSome, mayLook } from '../../../../src/dashboard/hub/scopes.ts';

const WANTED = ['access:services', 'access:services!service=signalbox'];

test.each([
  ['of all services', ['access:services']],
  ['of this one', ['access:services!service=signalbox']],
  ['among others', ['self', 'read:users!user=ada', 'access:services!service=signalbox']],
])('who has the access %s may look', (_, scopes) => {
  expect(mayLook(scopes, WANTED)).toBe(true);
});

test('the access to all services is one to this, though only this one is asked for', () => {
  expect(mayLook(['access:services'], ['access:services!service=signalbox'])).toBe(true);
});

test.each([
  ['nothing', []],
  ['access to another service', ['access:services!service=signalbox2']],
  ['access to their own servers', ['access:servers!user=ada', 'access:servers']],
  ['all else', ['proxy', 'admin:users', 'list:services', 'read:services!service=signalbox']],
  ['a scope that begins alike', ['access:services:more', 'access:services!service=signalbox!user=ada']],
])('who has %s may not look', (_, scopes) => {
  expect(mayLook(scopes, WANTED)).toBe(false);
});

test.each(['delete:servers!user=ada', 'delete:servers!group=physics', 'delete:servers!server=ada/lab'])(
  '%s is no right over everybody, but one over some',
  (scope) => {
    expect(holds([scope], 'delete:servers')).toBe(false);
    expect(holdsForSome([scope], 'delete:servers')).toBe(true);
  },
);

test('a right without filter is one over everybody', () => {
  expect(holds(['delete:servers'], 'delete:servers')).toBe(true);
  expect(holdsForSome(['delete:servers'], 'delete:servers')).toBe(true);
});

test('a right is not another one whose name it begins with, or that begins with its name', () => {
  expect(holds(['proxy!user=ada', 'proxyx', 'read:proxy'], 'proxy')).toBe(false);
  expect(holdsForSome(['servers!user=ada', 'read:servers', 'delete:serversx'], 'delete:servers')).toBe(false);
});
