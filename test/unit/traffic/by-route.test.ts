import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hit } from '../../../src/activity/hit.ts';
import { ByRoute } from '../../../src/traffic/by-route.ts';
import { HOUR, hit, MINUTE, NOON, SECOND, UNREACHABLE } from './hits.ts';

const TARGET = 'http://b';

/** A history that is told of requests of one backend as they end, unless said otherwise. */
function history(most?: number) {
  const made = new ByRoute(most);
  const add = (change: Partial<Hit> = {}, now = change.time ?? NOON, target = TARGET) =>
    made.hit(hit(change), target, now);
  const of = (now: number, key = '/a', target = TARGET) => made.of(key, target, now);
  /** What is not 0, by minutes ago. */
  const ago = (now: number, key = '/a') =>
    made.minutes(key, now)?.flatMap((count, at): [number, number][] => (count ? [[59 - at, count]] : []));
  return { made, add, of, ago };
}

describe('the last hour of a route', () => {
  it('is nothing for one that was never used', () => {
    const { of, made } = history();
    expect([of(NOON), made.minutes('/a', NOON), made.detail('/a', NOON)]).toEqual([undefined, undefined, undefined]);
  });

  it('has requests by the minute, and what became of them', () => {
    const { add, of, ago, made } = history();
    add();
    add({ time: NOON + 59_999, status: 404 });
    add({ time: NOON + MINUTE, status: 503 });
    add({ time: NOON + 2 * MINUTE, ...UNREACHABLE });
    const now = NOON + 2 * MINUTE;
    expect(ago(now)).toEqual([
      [2, 2],
      [1, 1],
      [0, 1],
    ]);
    expect(of(now)).toMatchObject({ requests: 4, serverErrors: 2, unreachable: 1, recentRequests: 4, recentErrors: 2 });
    const detail = made.detail('/a', now);
    expect(detail?.first).toBe(NOON + 2 * MINUTE - 59 * MINUTE);
    expect([detail?.serverErrors.slice(-3), detail?.counting.slice(-3)]).toEqual([
      [0, 1, 1],
      [1, 0, 0],
    ]);
  });

  it('moves on without requests', () => {
    const { add, of, ago } = history();
    add({ status: 500 });
    expect(of(NOON + 5 * MINUTE - 1)).toMatchObject({ requests: 1, recentRequests: 1, recentErrors: 1 });
    expect(of(NOON + 5 * MINUTE)).toMatchObject({ requests: 1, recentRequests: 0, recentErrors: 0 });
    expect(ago(NOON + 59 * MINUTE)).toEqual([[59, 1]]);
    expect(ago(NOON + 60 * MINUTE)).toEqual([]);
    expect(of(NOON + 60 * MINUTE)).toMatchObject({ requests: 0, serverErrors: 0, firstByteP95: null });
    add({ time: NOON + 1_000 * MINUTE });
    expect(ago(NOON + 1_000 * MINUTE)).toEqual([[0, 1]]);
  });

  it('takes what comes late where it belongs, and nothing that is too old', () => {
    const { add, ago } = history();
    for (const minutes of [0, 1, 59, 60, 1_000]) add({ time: NOON - minutes * MINUTE }, NOON);
    expect(ago(NOON)).toEqual([
      [59, 1],
      [1, 1],
      [0, 1],
    ]);
  });

  it('forgets the future when the clock is set back', () => {
    const { add, ago, of } = history();
    add();
    add({ time: NOON + 10 * MINUTE });
    add({ time: NOON + MINUTE });
    expect(ago(NOON + MINUTE)).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(ago(NOON - 100 * HOUR)).toEqual([]);
    expect(of(NOON + 10 * MINUTE)?.requests).toBe(0);
    add({ time: NOON + HOUR }, NOON);
    expect(ago(NOON)).toEqual([[0, 1]]);
  });

  it('has first-byte times of this period of 5 minutes and the last', () => {
    const { add, of } = history();
    add({ firstByte: 1_000 });
    expect(of(NOON)?.firstByteP95).toBeGreaterThan(500);
    add({ time: NOON + 5 * MINUTE, firstByte: 1_000 });
    expect(of(NOON + 5 * MINUTE)?.firstByteP95).toBeGreaterThan(500);
    add({ time: NOON + 10 * MINUTE, firstByte: 10 });
    expect(of(NOON + 14 * MINUTE)?.firstByteP95).toBeGreaterThan(500);
    expect(of(NOON + 15 * MINUTE)?.firstByteP95).toBe(10);
    expect(of(NOON + 20 * MINUTE)?.firstByteP95).toBeNull();
    add({ time: NOON + 10 * MINUTE, firstByte: 10 }, NOON + 20 * MINUTE);
    expect(of(NOON + 20 * MINUTE)?.firstByteP95).toBeNull();
  });

  it('stops counting errors at what it can hold, and keeps quantiles right', () => {
    const { add, of } = history();
    for (let n = 0; n < 70_000; n++) add({ ...UNREACHABLE, firstByte: n % 10 === 0 ? 1_000 : 10 });
    const { firstByteP95, ...use } = of(NOON) ?? {};
    expect(use).toMatchObject({ requests: 70_000, serverErrors: 65_535, unreachable: 65_535 });
    expect((firstByteP95 as number) / 1_000).toBeCloseTo(1, 0.7);
  });

  it('tells since when a backend has not answered, until it does or is another one', () => {
    const { add, of } = history();
    const at = (second: number) => NOON + second * SECOND;
    add();
    add({ time: at(1) + 7, ...UNREACHABLE });
    add({ time: at(2), ...UNREACHABLE });
    expect(of(at(3))?.unreachableSince).toBe(at(1));
    // The client went away first.
    add({ time: at(3), ...UNREACHABLE, status: 499, answered: undefined });
    expect(of(at(3))?.unreachableSince).toBe(at(1));
    expect(of(at(3), '/a', 'http://other')?.unreachableSince).toBeNull();
    add({ time: at(4), status: 503 });
    expect(of(at(4))?.unreachableSince).toBeNull();
    add({ time: at(5), ...UNREACHABLE });
    add({ time: at(6), status: 499, answered: undefined }, at(6), 'http://other');
    expect(of(at(6), '/a', 'http://other')?.unreachableSince).toBeNull();
  });
});

describe('slots', () => {
  it('go to other routes, clean, when theirs are gone', () => {
    const { made, add, of, ago } = history();
    const { bytes } = made;
    for (let n = 0; n < 200; n++) add({ key: `/${n}`, ...UNREACHABLE });
    made.retain((key) => key === '/7');
    expect([of(NOON, '/7')?.requests, of(NOON, '/8')]).toEqual([1, undefined]);
    for (let n = 1_000; n < 1_200; n++) add({ key: `/${n}` });
    expect(made.bytes).toBe(bytes);
    expect(of(NOON, '/1100')).toMatchObject({ requests: 1, serverErrors: 0, unreachable: 0, unreachableSince: null });
    expect(ago(NOON, '/7')).toEqual([[0, 1]]);
  });

  it('are as many as are used, up to 16 MB', () => {
    const { made, add, of } = history();
    for (let n = 0; n < 10_000; n++) add({ key: `/${n}` });
    for (const key of ['/0', '/255', '/256', '/9999']) expect(of(NOON, key)?.requests).toBe(1);
    expect(made.bytes).toBeLessThan(11_100_000);
    for (let n = 0; n < 40_000; n++) add({ key: `/${n}`, time: NOON + n * 100 });
    expect(made.bytes).toBeLessThan(16_000_000);
  });

  it('that are unused longest are taken over', () => {
    const { made, add, of } = history(3);
    for (const [minutes, key] of ['/a', '/b', '/c', '/a'].entries()) add({ key, time: NOON + minutes * MINUTE });
    const now = NOON + 10 * MINUTE;
    // Being looked at is no use.
    made.minutes('/b', now);
    add({ key: '/d', time: now });
    expect(['/a', '/b', '/c', '/d'].map((key) => of(now, key)?.requests)).toEqual([2, undefined, 1, 1]);
    add({ key: '/e', time: now });
    expect(['/a', '/c', '/d', '/e'].map((key) => of(now, key)?.requests)).toEqual([2, undefined, 1, 1]);
  });

  it('that were used lately stay with their routes', () => {
    const { add, of } = history(2);
    for (const key of ['/a', '/b', '/c', '/a', '/b', '/c']) add({ key });
    expect(['/a', '/b', '/c'].map((key) => of(NOON, key)?.requests)).toEqual([2, 2, undefined]);
    add({ key: '/c', time: NOON - HOUR });
    expect(of(NOON - HOUR, '/c')?.requests).toBe(1);
  });
});

it('the last hour is what a list of all requests says, whatever the clock does and whoever takes slots over', () => {
  const MOST = 3;
  const step = fc.record({
    key: fc.constantFrom('/a', '/b', '/c', '/d', '/e'),
    move: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.integer({ min: -90, max: 90 })),
    late: fc.integer({ min: -2, max: 70 }),
    status: fc.constantFrom(200, 304, 503),
    isGone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { made, add, of, ago } = history(MOST);
      /** By key, the one unused longest first: when it was used, and the minutes of its requests. */
      const model = new Map<string, { used: number; requests: { minute: number; isError: boolean }[] }>();
      let now = NOON;
      for (const { key, move, late, status, isGone } of steps) {
        now += move * MINUTE;
        const minute = now / MINUTE;
        if (isGone && late === 0) {
          made.retain((other) => other !== key);
          model.delete(key);
        }
        add({ key, status, time: now - late * MINUTE }, now);
        const known = model.get(key);
        if (!known && model.size === MOST) {
          const unused = [...model].filter(([, { used }]) => minute - used >= 5 || used > minute);
          // Of those used in the same minute any may go: there is but one that has no history afterwards.
          const gone = unused.filter(([other]) => of(now, other) === undefined)[0];
          // Those that are still there learn of the clock by being looked at.
          for (const [, one] of unused) one.requests = keptOf(one.requests, minute);
          expect(gone === undefined).toBe(unused.length === 0);
          if (!gone) continue;
          expect(gone[1].used).toBe(Math.min(...unused.map(([, { used }]) => used)));
          model.delete(gone[0]);
        }
        model.delete(key);
        const at = Math.min(minute - late, minute);
        // A route learns of the clock when it is touched.
        const requests = keptOf(known?.requests ?? [], minute);
        if (at > minute - 60) requests.push({ minute: at, isError: status === 503 });
        model.set(key, { used: minute, requests });
      }
      const minute = now / MINUTE;
      for (const key of ['/a', '/b', '/c', '/d', '/e']) {
        const kept = model.get(key);
        const known = kept && keptOf(kept.requests, minute);
        const counted = new Map<number, number>();
        for (const one of known ?? []) counted.set(minute - one.minute, (counted.get(minute - one.minute) ?? 0) + 1);
        expect(ago(now, key)).toEqual(known && [...counted].sort(([a], [b]) => b - a));
        expect(of(now, key)?.serverErrors).toBe(known?.filter(({ isError }) => isError).length);
      }
    }),
  );
});

function keptOf<T extends { readonly minute: number }>(requests: readonly T[], newest: number): T[] {
  return requests.filter(({ minute }) => minute <= newest && minute > newest - 60);
}
