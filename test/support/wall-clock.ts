/**
 * For the few tests that assert a promise in wall-clock time, which a machine that stands still for a moment can't keep:
 * `test('…', WALL_CLOCK, …)`. `npm test` names those that needed the second try, and fails when there are more than three.
 */
export const WALL_CLOCK = { retry: 1 } as const;
