import type { Hit } from '../../../src/activity/hit.ts';

/** A time at which a minute begins, and a period of five. */
export const NOON = Date.parse('2026-11-22T12:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A request that the backend answered within 10 ms. */
export function hit(change: Partial<Hit> = {}): Hit {
  return {
    time: NOON,
    key: '/a',
    status: 200,
    complete: true,
    sentData: false,
    duration: 20,
    bytes: 100,
    backendBytes: 0,
    firstByte: 10,
    answered: true,
    ...change,
  };
}

/** The proxy made the answer. */
export const UNREACHABLE: Partial<Hit> = { status: 502, firstByte: undefined, answered: false };
