/** Borders of the buckets grow by a quarter from 1 ms to some 20 minutes: quantiles are right to ±12 %. */
const GROWTH = 1.25;
const LOG_GROWTH = Math.log(GROWTH);
/** How many buckets a histogram of durations has. */
export const BUCKETS = 64;
/** The most that a bucket of 16 bits counts. */
const FULL = 0xffff;

/** The bucket of a duration in ms. */
export function bucketOf(duration: number): number {
  return duration <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(duration) / LOG_GROWTH));
}

/** Counts one more in a histogram that begins at `from`. When its bucket is full all are halved, which leaves quantiles as they are. */
export function countIn(buckets: Uint16Array, from: number, bucket: number): void {
  if (buckets[from + bucket] === FULL) {
    for (let at = from; at < from + BUCKETS; at++) buckets[at] = (buckets[at] as number) >> 1;
  }
  buckets[from + bucket] = (buckets[from + bucket] as number) + 1;
}

/** Adds a histogram that begins at `from` to `sum`. */
export function addUp(sum: Float64Array, buckets: Uint16Array, from: number): void {
  for (let at = 0; at < BUCKETS; at++) sum[at] = (sum[at] as number) + (buckets[from + at] as number);
}

/** The middle of the bucket in which it lies, ms; null when nothing was counted. */
export function quantile(buckets: Uint16Array | Uint32Array | Float64Array, part: number): number | null {
  let total = 0;
  for (const count of buckets) total += count;
  if (total === 0) return null;
  let seen = 0;
  const bucket = buckets.findIndex((count) => {
    seen += count;
    return seen >= total * part;
  });
  return Math.round(GROWTH ** (bucket - 0.5));
}
