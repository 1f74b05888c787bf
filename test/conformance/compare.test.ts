import { describe, expect, test } from 'vitest';
import type { Case } from './case.ts';
import { mismatches } from './compare.ts';

const one: Case = { name: 'one', steps: [{ request: 'GET /' }] };
const seen = { status: 200, body: 'hello', 'headers.etag': '"x"' };

describe('the comparison', () => {
  test('finds nothing where both show the same', () => {
    expect(mismatches(one, [seen], [{ ...seen }])).toEqual([]);
  });

  test.each([
    ['another status', { ...seen, status: 404 }],
    ['another body', { ...seen, body: 'Hello' }],
    ['another header', { ...seen, 'headers.etag': '"y"' }],
    ['a header too few', { status: 200, body: 'hello' }],
    ['a header too many', { ...seen, 'headers.vary': '*' }],
    ['a number for a text', { ...seen, body: 0 }],
    ['no answer', { error: 'no answer in time' }],
  ])('fails on %s', (_, other) => {
    expect(mismatches(one, [seen], [other])).not.toEqual([]);
    expect(mismatches(one, [other], [seen])).not.toEqual([]);
  });

  test('fails on a difference in a later step, and on a missing step', () => {
    const two: Case = { ...one, steps: [...one.steps, ...one.steps] };
    expect(mismatches(two, [seen, seen], [seen, seen])).toEqual([]);
    expect(mismatches(two, [seen, seen], [seen, { ...seen, status: 404 }])).toEqual([
      '2:status: chp 200, signalbox 404',
    ]);
    expect(mismatches(two, [seen], [seen])).not.toEqual([]);
  });

  test('looks at the fields that a case names, and always at a missing answer', () => {
    const narrow: Case = { ...one, compare: ['status', 'headers.*'] };
    expect(mismatches(narrow, [seen], [{ ...seen, body: 'other' }])).toEqual([]);
    expect(mismatches(narrow, [seen], [{ ...seen, 'headers.etag': 'other' }])).not.toEqual([]);
    expect(mismatches(narrow, [seen], [{ ...seen, error: 'no answer in time' }])).not.toEqual([]);
  });

  test('leaves out what nobody promises, unless a case names it', () => {
    const [a, b] = [
      { ...seen, 'headers.date': 'today' },
      { ...seen, 'headers.date': 'tomorrow' },
    ];
    expect(mismatches(one, [a], [b])).toEqual([]);
    expect(mismatches({ ...one, compare: ['headers.date'] }, [a], [b])).not.toEqual([]);
  });

  test('fails when both are alike but not as expected', () => {
    expect(mismatches({ ...one, expect: { status: 200, body: /^h/ } }, [seen], [seen])).toEqual([]);
    expect(mismatches({ ...one, expect: { status: 404 } }, [seen], [seen])).toHaveLength(2);
    expect(mismatches({ ...one, expect: { 'headers.vary': null } }, [seen], [seen])).toEqual([]);
    expect(mismatches({ ...one, expect: { 'headers.etag': null } }, [seen], [seen])).toHaveLength(2);
    expect(mismatches({ ...one, expect: { 'headers.vary': /./ } }, [seen], [seen])).toHaveLength(2);
  });

  test('fails when nothing at all is compared', () => {
    expect(mismatches({ ...one, compare: ['no such field'] }, [seen], [seen])).toEqual(['nothing was compared']);
    expect(mismatches(one, [{}], [{}])).toEqual(['nothing was compared']);
  });
});

describe('a difference', () => {
  const differing: Case = {
    ...one,
    difference: { chp: { status: 404 }, signalbox: { status: 200 }, why: 'it was mended' },
  };

  test('holds only when each side shows exactly its own', () => {
    const missing = { ...seen, status: 404 };
    expect(mismatches(differing, [missing], [seen])).toEqual([]);
    expect(mismatches(differing, [seen], [missing])).not.toEqual([]);
    expect(mismatches(differing, [{ ...seen, status: 500 }], [seen])).not.toEqual([]);
    expect(mismatches(differing, [missing], [{ ...seen, status: 500 }])).not.toEqual([]);
  });

  test('does not excuse other fields', () => {
    expect(mismatches(differing, [{ ...seen, status: 404, body: 'lost' }], [seen])).not.toEqual([]);
  });

  test('fails once there is none any more', () => {
    const loose: Case = { ...one, difference: { chp: { body: /./ }, signalbox: { body: /./ }, why: '' } };
    expect(mismatches(loose, [seen], [seen])).toEqual(['body: both show "hello", there is no difference']);
  });

  test('must speak of both sides', () => {
    const half: Case = { ...one, difference: { chp: { status: 404 }, signalbox: {}, why: '' } };
    expect(mismatches(half, [{ ...seen, status: 404 }], [seen])).not.toEqual([]);
  });
});
