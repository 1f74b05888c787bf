import { expect, test } from 'vitest';
import { nextPath } from '../../../src/dashboard/next-path.ts';

test.each([
  ['/signalbox/', '/signalbox/'],
  ['/signalbox/?x=1&y=2', '/signalbox/?x=1&y=2'],
  ['/signalbox/a/b', '/signalbox/a/b'],
])('%s is gone on to', (given, wanted) => {
  expect(nextPath(given, '/signalbox/')).toBe(wanted);
});

test.each([
  undefined,
  '',
  '//evil.example/signalbox/',
  '/\\evil.example/signalbox/',
  '\\\\evil.example',
  'https://evil.example/signalbox/',
  'javascript:alert(1)',
  '/signalbox/../user/mallory/',
  '/signalbox/%2e%2e/user/mallory/',
  '/signalbox/..%2fuser/mallory/',
  '/signalbox/.%2e/user/mallory/',
  '/signalbox',
  '/signalboxes/',
  '/user/mallory/',
  '/%2f%2fevil.example/signalbox/',
  '/signalbox/\t//evil.example',
  '\t//evil.example',
  '/\n/evil.example/signalbox/',
  '/signalbox/#/routes',
  '/signalbox/@evil.example',
])('%j leads to the page itself', (given) => {
  expect(nextPath(given, '/signalbox/')).toBe('/signalbox/');
});

test('at the root of a host no path is another host', () => {
  expect(nextPath('//evil.example/', '/')).toBe('/');
  expect(nextPath('/.//evil.example/', '/')).toBe('/');
  expect(nextPath('/x', '/')).toBe('/x');
});
