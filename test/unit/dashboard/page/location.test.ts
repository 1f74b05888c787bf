import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, hashOfRoute, parsePlace, VIEWS } from '../../../../src/dashboard/page/location.ts';

test('what a hash says is what it was made of, whatever the names', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const value = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(fc.constantFrom(...VIEWS), fc.dictionary(name, value), (view, params) => {
      const place = parsePlace(hashOf(view, params));
      expect(place.view).toBe(view);
      expect({ ...place.params }).toEqual({ ...params });
    }),
  );
});

test.each(['', '#', '#/', '/'])('the overview is at %j', (hash) => {
  expect(parsePlace(hash)).toEqual({ view: 'overview', params: {} });
});

test.each(['#/nowhere', '#/__proto__', '#/constructor', '#//evil.example', '#javascript:alert(1)'])(
  'there is no page at %j',
  (hash) => {
    expect(parsePlace(hash).view).toBe('unknown');
  },
);

test('empty parameters are left out', () => {
  expect(hashOf('routes', { q: '', show: undefined, sort: 'p95' })).toBe('#/routes?sort=p95');
  expect(hashOf('overview')).toBe('#/');
});

test('a key with all that means something in a URL leads to its route', () => {
  const key = '/user/a&b=c#d?e+f %2F';
  expect(parsePlace(hashOfRoute(key)).params).toEqual({ key });
});
