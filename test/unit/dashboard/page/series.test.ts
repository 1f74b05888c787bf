import { expect, test } from 'vitest';
import type { Traffic } from '../../../../src/api/traffic/schemas.ts';
import { holdLooks, joinSamples, mergeTraffic, trafficPath } from '../../../../src/dashboard/page/series.ts';
import { fakeTraffic } from '../../../support/dashboard/fake-data.ts';

const NOW = Date.parse('2026-11-30T14:00:05Z');
const STARTED = NOW - 7_200_000;
const KNOWN = fakeTraffic('full', NOW, STARTED);

/** As the daemon answers `since=`: samples that were not over by then. */
function since(traffic: Traffic, time: number): Traffic {
  const cut = (series: Traffic['fine']) => {
    const first = series.times.findIndex((begin) => begin + series.step > time);
    const rest = Object.entries(series).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.slice(first) : value,
    ]);
    return Object.fromEntries(rest) as Traffic['fine'];
  };
  return { ...traffic, fine: cut(traffic.fine), coarse: cut(traffic.coarse) };
}

test('all is asked for once, then what is new and the sample that was not over', () => {
  expect(trafficPath(undefined)).toBe('api/traffic');
  const asked = Number(new URLSearchParams(trafficPath(KNOWN).split('?')[1]).get('since'));
  const last = KNOWN.coarse.times.at(-1) ?? 0;
  expect(asked).toBeLessThan(last + 1);
  expect(asked).toBeGreaterThan(last - KNOWN.coarse.step);
});

test.each([2_000, 10_000, 65_000, 3_000_000])('after %d ms what was merged is what a whole answer says', (ms) => {
  const later = fakeTraffic('full', NOW + ms, STARTED);
  const asked = Number(trafficPath(KNOWN).split('=')[1]);
  const merged = mergeTraffic(KNOWN, since(later, asked));
  expect(merged.coarse).toEqual(later.coarse);
  expect(merged.fine).toEqual(later.fine);
  expect(merged.now).toEqual(later.now);
});

test('a daemon that was started anew begins anew', () => {
  const anew = fakeTraffic('empty', NOW + 2_000, NOW + 1_000);
  expect(mergeTraffic(KNOWN, anew)).toBe(anew);
  expect(mergeTraffic(undefined, anew)).toBe(anew);
});

test('samples become rows of a table: sums, means, the most; what is not known stays so', () => {
  const values = [1, 2, null, 6, null, null, 8];
  expect(joinSamples(values, 2, 'sum')).toEqual([3, 6, null, 8]);
  expect(joinSamples(values, 2, 'mean')).toEqual([1.5, 6, null, 8]);
  expect(joinSamples(values, 2, 'most')).toEqual([2, 6, null, 8]);
});

test('what a look at open connections found stands until the next one, and is unknown when none comes', () => {
  expect(holdLooks([null, 3, null, null, 5, null], 1_000)).toEqual([null, 3, 3, 3, 5, 5]);
  const once = [2, ...new Array<null>(30).fill(null)];
  expect(holdLooks(once, 1_000)).toEqual([...new Array(20).fill(2), ...new Array(11).fill(null)]);
  expect(holdLooks([2, null, null, null], 10_000)).toEqual([2, 2, null, null]);
});
