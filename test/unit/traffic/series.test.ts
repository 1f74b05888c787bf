import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Samples, Series } from '../../../src/traffic/series.ts';
import { HOUR, hit, NOON, SECOND, UNREACHABLE } from './hits.ts';

const fine = (now = NOON) => new Series(SECOND, 300, now);

/** What is not 0 and not null, by the second after noon. */
function filled({ times, ...samples }: Samples, name: keyof Omit<Samples, 'step' | 'times'>): [number, number][] {
  return times.flatMap((time, at): [number, number][] => {
    const value = samples[name][at];
    return value ? [[(time - NOON) / SECOND, value]] : [];
  });
}

const requests = (samples: Samples) => filled(samples, 'success');

describe('samples of time', () => {
  it('count what ended in them by class of status', () => {
    const series = fine();
    for (const status of [101, 204, 206, 302, 304, 304, 404, 503, 0, 999]) series.hit(hit({ status }), NOON);
    series.hit(hit(UNREACHABLE), NOON);
    series.hit(hit({ ...UNREACHABLE, status: 499, answered: undefined }), NOON);
    expect(series.shown(NOON)).toMatchObject({
      times: [NOON],
      ...{ informational: [1], success: [2], redirect: [3], clientError: [2], serverError: [2], unreachable: [1] },
      bytes: [1_200],
    });
  });

  it('are zeros and nulls where nothing happened', () => {
    const series = fine();
    series.hit(hit(), NOON);
    const shown = series.shown(NOON + 2 * SECOND);
    expect(shown.step).toBe(SECOND);
    expect(shown.times).toEqual([NOON, NOON + SECOND, NOON + 2 * SECOND]);
    expect(shown).toMatchObject({
      ...{ success: [1, 0, 0], bytes: [100, 0, 0], reloads: [0, 0, 0] },
      firstByteP50: [expect.any(Number), null, null],
      ...{ passP95: [null, null, null], websockets: [null, null, null], people: [null, null, null] },
    });
  });

  it('begin with the daemon, and end with now', () => {
    const series = fine();
    expect(series.shown(NOON + 10 * SECOND).times).toHaveLength(11);
    const { times } = series.shown(NOON + HOUR);
    expect([times.length, times[0], times.at(-1)]).toEqual([300, NOON + HOUR - 299 * SECOND, NOON + HOUR]);
  });

  it('are those from a given one on', () => {
    const series = fine();
    expect(series.shown(NOON + 9 * SECOND, NOON + 7 * SECOND + 999).times).toEqual(
      [7, 8, 9].map((s) => NOON + s * SECOND),
    );
    expect(series.shown(NOON + 9 * SECOND, NOON + HOUR).times).toEqual([]);
  });

  it('take what comes late where it belongs, and nothing that is too old', () => {
    const series = fine();
    const now = NOON + 400 * SECOND;
    for (const seconds of [399.9, 399.9, 101, 100, 50]) series.hit(hit({ time: NOON + seconds * SECOND }), now);
    expect(requests(series.shown(now))).toEqual([
      [101, 1],
      [399, 2],
    ]);
  });

  it('take what lies in the future as now', () => {
    const series = fine();
    series.hit(hit({ time: NOON + HOUR }), NOON);
    expect(requests(series.shown(NOON))).toEqual([[0, 1]]);
  });

  it('forget the future when the clock is set back, and go on from there', () => {
    const series = fine();
    series.hit(hit({ time: NOON }), NOON);
    series.hit(hit({ time: NOON + 60 * SECOND }), NOON + 60 * SECOND);
    series.hit(hit({ time: NOON + 10 * SECOND }), NOON + 10 * SECOND);
    expect(requests(series.shown(NOON + 20 * SECOND))).toEqual([
      [0, 1],
      [10, 1],
    ]);
    series.hit(hit({ time: NOON - HOUR }), NOON - HOUR);
    expect(requests(series.shown(NOON - HOUR))).toEqual([[-3_600, 1]]);
    expect(requests(series.shown(NOON))).toEqual([]);
  });

  it('keep quantiles right however much is counted', () => {
    const series = fine();
    // More than 16 bits hold.
    for (let n = 0; n < 200_000; n++) series.hit(hit({ firstByte: n % 10 === 0 ? 1_000 : 10 }), NOON);
    const { firstByteP50, firstByteP95, success } = series.shown(NOON);
    expect(success).toEqual([200_000]);
    expect((firstByteP50[0] as number) / 10).toBeCloseTo(1, 0.7);
    expect((firstByteP95[0] as number) / 1_000).toBeCloseTo(1, 0.7);
  });

  it('have the most that a look saw', () => {
    const series = fine();
    for (const websockets of [2, 5, 0]) series.looked({ websockets, people: 1 }, NOON);
    series.looked({ websockets: 0, people: 0 }, NOON + SECOND);
    expect(series.shown(NOON + 2 * SECOND)).toMatchObject({ websockets: [5, 0, null], people: [1, 0, null] });
  });

  it('have changes, passes and reloads', () => {
    const series = fine();
    series.count('changes', 1, NOON);
    series.count('changes', 2, NOON);
    series.pass(40, NOON);
    series.count('reloads', 1, NOON + SECOND);
    expect(series.shown(NOON + SECOND)).toMatchObject({ changes: [3, 0], reloads: [0, 1], passP95: [40, null] });
  });

  it('add up', () => {
    const series = fine();
    for (let second = 0; second < 20; second++) {
      const time = NOON + second * SECOND;
      series.hit(hit({ time }), time);
      series.hit(hit({ time, ...UNREACHABLE }), time);
    }
    const now = NOON + 20 * SECOND;
    expect(series.sum(now)).toMatchObject({ requests: 40, serverErrors: 20, unreachable: 20, firstByteP99: 10 });
    // Of the ten that are over.
    expect(series.perSecond(10, now)).toBe(2);
    expect(series.sum(now + HOUR)).toMatchObject({ requests: 0, firstByteP50: null });
  });
});

it('samples are what a list of all that happened says, whatever the clock does', () => {
  const size = 12;
  const step = fc.record({
    // Mostly a little further, at times far ahead or back.
    move: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }) }, fc.integer({ min: -30, max: 30 })),
    late: fc.integer({ min: -3, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = NOON;
      const series = new Series(SECOND, size, now);
      let counted: number[] = [];
      for (const { move, late } of steps) {
        now += move * SECOND;
        const newest = now / SECOND;
        // What was counted in the future never was; what is too old is forgotten for good.
        counted = counted.filter((second) => second <= newest && second > newest - size);
        const second = Math.min(newest - late, newest);
        series.hit(hit({ time: second * SECOND }), now);
        if (second > newest - size) counted.push(second);
      }
      // Before the first sample nothing is shown.
      const { times, success } = series.shown(now);
      for (const [at, time] of times.entries()) {
        expect(success[at]).toBe(counted.filter((second) => second * SECOND === time).length);
      }
      expect(times.at(-1)).toBe(now);
      expect(times.length).toBeLessThanOrEqual(size);
    }),
  );
});
