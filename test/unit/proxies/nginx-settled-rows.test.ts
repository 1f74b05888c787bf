import { describe, expect, it } from 'vitest';
import { markDepth, settleRows } from '../../../src/proxies/nginx/settled-rows.ts';
import { firstSegments } from '../../../src/routes/key.ts';

const users = (count: number) => Array.from({ length: count }, (_, i) => `/user/u${i}`);
const entries = (...keys: string[]): [string, string][] => keys.map((key) => [key, `http/h:1${key}`]);

describe('the depth at which changed keys are marked', () => {
  it.each([
    ['users and services of a Hub', ['/', ...users(9), '/services/a', '/services/b'], 2],
    ['a Hub with a base URL', ['/hub', ...users(9).map((key) => `/hub${key}`)], 3],
    ['users with many named servers', users(9).flatMap((key) => [key, `${key}/a`, `${key}/b`, `${key}/c`]), 2],
    ['users by host', ['/hub.test', ...users(9).map((_, i) => `/u${i}.hub.test/user/u${i}`)], 1],
    ['applications', ['/a', '/b', '/c', '/c/deep/down'], 1],
  ])('is that at which a change concerns the fewest others: %s', (_, keys, depth) => {
    expect(markDepth(keys)).toBe(depth);
  });

  it('is none in a table that has only a root route', () => {
    expect(markDepth(['/'])).toBeUndefined();
  });
});

it.each([
  ['/user/ada/lab', 2, '/user/ada'],
  ['/user/ada', 2, '/user/ada'],
  ['/user', 2, undefined],
  ['/a//b', 2, '/a/'],
])('the first segments of %s, %i: %s', (key, depth, segments) => {
  expect(firstSegments(key, depth)).toBe(segments);
});

describe('rows', () => {
  it('are the same text for the same table, in whatever order its routes came', async () => {
    const table = entries('/b', '/a', '/user/ada', '/user/Ada', '/');
    expect(await settleRows(table)).toEqual(await settleRows(table.toReversed()));
  });

  it('of keys that differ in case alone lie in different layers, above those without capitals', async () => {
    const settled = await settleRows(entries('/user/ADA', '/user/Ada', '/user/ada', '/x'));
    const layers = settled?.layers.map(({ name, capitals, rows }) => [name, capitals, rows.match(/^ {2}"[^"]+"/gm)]);
    expect(layers).toEqual([
      ['1', false, ['  "/x"']],
      ['2', false, ['  "/user/ada"']],
      ['2_0', true, ['  "/user/ADA"']],
      ['2_1', true, ['  "/user/Ada"']],
    ]);
  });

  it('say where everything else goes', async () => {
    expect(await settleRows(entries('/a'))).toMatchObject({ root: 'none' });
    expect(await settleRows(entries('/a', '/'))).toMatchObject({ root: 'http/h:1/' });
  });

  it('are none where one would be too long for nginx, or all too many', async () => {
    expect(await settleRows(entries(`/${'a'.repeat(4_000)}`))).toBeUndefined();
    expect(await settleRows(entries(...users(20_001)))).toBeUndefined();
  });
});
