import type { Hit } from '../activity/hit.ts';
import { addUp, BUCKETS, bucketOf, countIn, quantile } from '../activity/latency.ts';
import { eachStale } from './stale.ts';

/** By the first digit of a status, from 1 on. */
const CLASSES = ['informational', 'success', 'redirect', 'clientError', 'serverError'] as const;
/** What is counted, one array each. */
const COUNTS = [...CLASSES, 'unreachable', 'bytes', 'changes', 'reloads'] as const;
/** Of what the most at a look is kept. */
const MOSTS = ['websockets', 'people'] as const;
/** What no look has seen. */
const UNSEEN = -1;

type Count = (typeof COUNTS)[number];
type Most = (typeof MOSTS)[number];

/** One array a number; null: there was nothing to tell it by. */
export type Samples = Record<Count, number[]> &
  Record<Most | 'firstByteP50' | 'firstByteP95' | 'firstByteP99' | 'passP95', (number | null)[]> & {
    step: number;
    times: number[];
  };

/** Sums of the newest samples. */
export interface Sum {
  readonly requests: number;
  readonly serverErrors: number;
  readonly unreachable: number;
  readonly firstByteP50: number | null;
  readonly firstByteP95: number | null;
  readonly firstByteP99: number | null;
}

/**
 * What happened in each of the last `size` steps of time, in typed arrays. What is told late goes where it belongs, or is left out when that is
 * no longer kept; what lies in the future, left by a clock that was set back, counts as now.
 */
export class Series {
  readonly #step: number;
  readonly #size: number;
  /** The first sample: before it nothing was counted. */
  #first: number;
  /** The newest sample: numbers of steps since 1970. */
  #newest: number;
  readonly #counts: Record<Count, Float64Array>;
  readonly #mosts: Record<Most, Int32Array>;
  readonly #firstByte: Uint16Array;
  readonly #passes: Uint16Array;

  constructor(step: number, size: number, now: number) {
    this.#step = step;
    this.#size = size;
    this.#newest = Math.floor(now / step);
    this.#first = this.#newest;
    this.#counts = arrays(COUNTS, () => new Float64Array(size));
    this.#mosts = arrays(MOSTS, () => new Int32Array(size).fill(UNSEEN));
    this.#firstByte = new Uint16Array(size * BUCKETS);
    this.#passes = new Uint16Array(size * BUCKETS);
  }

  hit(hit: Hit, now: number): void {
    const at = this.#at(hit.time, now);
    if (at < 0) return;
    const kind = CLASSES[Math.floor(hit.status / 100) - 1];
    if (kind) add(this.#counts[kind], at, 1);
    add(this.#counts.bytes, at, hit.bytes);
    if (hit.answered === false) add(this.#counts.unreachable, at, 1);
    if (hit.firstByte !== undefined) countIn(this.#firstByte, at * BUCKETS, bucketOf(hit.firstByte));
  }

  count(what: 'changes' | 'reloads', by: number, now: number): void {
    add(this.#counts[what], this.#at(now, now), by);
  }

  /** A pass of the reconciler has had changes served. */
  pass(ms: number, now: number): void {
    countIn(this.#passes, this.#at(now, now) * BUCKETS, bucketOf(ms));
  }

  /** What a look at the sockets saw. */
  looked(seen: Readonly<Record<Most, number>>, now: number): void {
    const at = this.#at(now, now);
    for (const what of MOSTS) {
      const most = this.#mosts[what];
      most[at] = Math.max(most[at] as number, seen[what]);
    }
  }

  /** The samples from the one in which `since` lies, the oldest first. */
  shown(now: number, since = 0): Samples {
    const made = {
      step: this.#step,
      ...arrays(['times', ...COUNTS], (): number[] => []),
      ...arrays([...MOSTS, 'firstByteP50', 'firstByteP95', 'firstByteP99', 'passP95'], (): (number | null)[] => []),
    };
    for (const [sample, at] of this.#from(Math.floor(since / this.#step), now)) {
      made.times.push(sample * this.#step);
      for (const what of COUNTS) made[what].push(this.#counts[what][at] as number);
      for (const what of MOSTS) {
        const most = this.#mosts[what][at] as number;
        made[what].push(most === UNSEEN ? null : most);
      }
      const firstByte = histogram(this.#firstByte, at);
      made.firstByteP50.push(quantile(firstByte, 0.5));
      made.firstByteP95.push(quantile(firstByte, 0.95));
      made.firstByteP99.push(quantile(firstByte, 0.99));
      made.passP95.push(quantile(histogram(this.#passes, at), 0.95));
    }
    return made;
  }

  /** Of all samples that are kept. */
  sum(now: number): Sum {
    let [requests, serverErrors, unreachable] = [0, 0, 0];
    const firstByte = new Float64Array(BUCKETS);
    for (const [, at] of this.#from(0, now)) {
      for (const what of CLASSES) requests += this.#counts[what][at] as number;
      serverErrors += this.#counts.serverError[at] as number;
      unreachable += this.#counts.unreachable[at] as number;
      addUp(firstByte, this.#firstByte, at * BUCKETS);
    }
    return {
      ...{ requests, serverErrors, unreachable },
      firstByteP50: quantile(firstByte, 0.5),
      firstByteP95: quantile(firstByte, 0.95),
      firstByteP99: quantile(firstByte, 0.99),
    };
  }

  /** Requests a second in the last `samples` that are over. */
  perSecond(samples: number, now: number): number {
    let requests = 0;
    const over = Math.floor(now / this.#step) - samples;
    for (const [sample, at] of this.#from(over, now)) {
      if (sample < over + samples) for (const what of CLASSES) requests += this.#counts[what][at] as number;
    }
    return requests / ((samples * this.#step) / 1000);
  }

  /** Each sample from that one on with its index. */
  *#from(first: number, now: number): Generator<[sample: number, at: number]> {
    this.#moveTo(Math.floor(now / this.#step));
    const oldest = Math.max(first, this.#first, this.#newest - this.#size + 1);
    for (let sample = oldest; sample <= this.#newest; sample++) yield [sample, sample % this.#size];
  }

  /** The index of a time's sample, negative when it is not kept. */
  #at(time: number, now: number): number {
    const newest = Math.floor(now / this.#step);
    if (newest !== this.#newest) this.#moveTo(newest);
    const sample = Math.min(Math.floor(time / this.#step), newest);
    return sample > newest - this.#size ? sample % this.#size : -1;
  }

  #moveTo(newest: number): void {
    eachStale(this.#newest, newest, this.#size, (at) => {
      for (const what of COUNTS) this.#counts[what][at] = 0;
      for (const what of MOSTS) this.#mosts[what][at] = UNSEEN;
      this.#firstByte.fill(0, at * BUCKETS, (at + 1) * BUCKETS);
      this.#passes.fill(0, at * BUCKETS, (at + 1) * BUCKETS);
    });
    this.#newest = newest;
    // Once the clock was set back, counting has begun then.
    this.#first = Math.min(this.#first, newest);
  }
}

function arrays<K extends string, T>(names: readonly K[], make: () => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<K, T>;
}

function add(array: Float64Array, at: number, by: number): void {
  array[at] = (array[at] as number) + by;
}

function histogram(buckets: Uint16Array, at: number): Uint16Array {
  return buckets.subarray(at * BUCKETS, (at + 1) * BUCKETS);
}
