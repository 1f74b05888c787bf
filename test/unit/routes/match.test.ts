import { describe, expect, it } from 'vitest';
import { matchRoute } from '../../../src/routes/match.ts';

const keys = ['/', '/hub', '/user/ada', '/user/bob', '/hub.test', '/ada.test/user/ada', '/[::1]'];
const table = { get: (key: string) => keys.includes(key) } as unknown as Parameters<typeof matchRoute>[0];

describe('the route of a path', () => {
  it.each([
    ['/user/ada/x', '/user/ada'],
    ['/user/adam', '/'],
    ['/user/bob/../ada/x', '/user/ada'],
    ['/user/bob/%2e%2E/ada', '/user/ada'],
    ['/user%2fada/x', '/user/ada'],
    ['//user/ada', '/user/ada'],
    ['http://hub.test/user/ada', '/user/ada'],
  ])('%s: %s', (path, key) => {
    expect(matchRoute(table, path, undefined)).toBe(key);
  });

  it.each([
    ['/user/ada/..%2fbob', '/user/ada'],
    ['/hub/..%2Fuser/bob', '/hub'],
    ['/hub%2f..%2fuser/bob', '/hub'],
    ['/hub/x%2f../../user/bob', '/hub'],
    ['/hub/x%2fy/../../user/bob', '/user/bob'],
    ['/user/ada/..\\bob', '/user/bob'],
    ['/user/ada/..%5cbob', '/user/ada'],
    ['/user/ada/..%252fbob', '/user/ada'],
    ['/user/ada/..;/bob', '/user/ada'],
  ])('is not looked for in what only decoding makes of it: %s: %s', (path, key) => {
    expect(matchRoute(table, path, undefined)).toBe(key);
  });

  it.each([
    ['/user/ada/%c0%af', '/user/ada'],
    ['/user%2fada%2f%ff', '/user/ada'],
    ['/user/%ff/ada', '/'],
    ['/%ff', '/'],
  ])('ends at what is no UTF-8: %s: %s', (path, key) => {
    expect(matchRoute(table, path, undefined)).toBe(key);
  });

  it.each([
    ['ada.test', '/user/ada/x', '/ada.test/user/ada'],
    ['ADA.Test:8000', '/user/ada', '/ada.test/user/ada'],
    ['ada.test.', '/user/ada', '/ada.test/user/ada'],
    ['ada.test.:', '/user/ada', '/ada.test/user/ada'],
    ['[::1]:80', '/', '/[::1]'],
    ['hub.test', '/..%2fada.test/user/ada', '/hub.test'],
    ['else.test', '/user/ada', '/'],
  ])('by host: %s%s: %s', (host, path, key) => {
    expect(matchRoute(table, path, host)).toBe(key);
  });
});
