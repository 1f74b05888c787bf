/**
 * Calls `clear` with each index of a ring whose sample is another one once sample `to` is the newest and `from` no longer is. Samples are
 * numbered by time. After a jump ahead those in between had nothing; after the clock was set back, those ahead never were.
 */
export function eachStale(from: number, to: number, size: number, clear: (index: number) => void): void {
  const last = Math.max(from, to);
  const before = Math.max(Math.min(from, to), last - size);
  for (let sample = before + 1; sample <= last; sample++) clear(sample % size);
}
