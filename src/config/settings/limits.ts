/** Longer than any sensible wait, and far below the 24.8 days at which Node's timers overflow. */
const DAY = 24 * 3_600_000;

/** The bounds of a duration: at least so many milliseconds, at most a day. */
export function wait(minimum: number): { minimum: number; maximum: number } {
  return { minimum, maximum: DAY };
}
