import { type Hit, isSuccess } from '../activity/hit.ts';
import { addUp, BUCKETS, bucketOf, countIn, quantile } from '../activity/latency.ts';
import { eachStale } from './stale.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const MINUTES = 60;
/** First-byte times are kept for two periods of so many minutes: this one and the last. */
const PERIOD = 5;
const PERIODS = 2;
/** The most that 16 bits count. */
const FULL = 0xffff;
/** A slot takes 868 bytes: so many are 16 MB. */
const MOST_SLOTS = 18_400;
const FIRST_SLOTS = 256;
const GROWTH = 1.25;
/** A slot that was used in the last minutes is not taken over: with more routes in use than slots nobody's history would last. */
const KEPT_MINUTES = 5;
/** What stands together for each slot, as it is looked at with every request: the newest minute since 1970, */
const NEWEST = 0;
/** the minute in which it was used last, */
const USED = 1;
/** since when no request has got an answer, s since 1970, or 0. */
const UNREACHABLE_SINCE = 2;
const STATES = 3;

/** How a route was used lately. Counts of 5xx and what is of them stop at 65,535 a minute. */
export interface RouteUse {
  /** Of the last hour. */
  readonly requests: number;
  readonly serverErrors: number;
  readonly unreachable: number;
  /** Of the last 5 minutes. */
  readonly recentRequests: number;
  readonly recentErrors: number;
  /** Since when no request has got an answer of the backend. */
  readonly unreachableSince: number | null;
  /** Of the last 5 to 10 minutes. */
  readonly firstByteP95: number | null;
}

/** One route in detail. */
export interface RouteDetail {
  readonly firstByteP50: number | null;
  readonly firstByteP95: number | null;
  readonly firstByteP99: number | null;
  /** When the first minute began. */
  readonly first: number;
  /** Of each minute. */
  readonly requests: number[];
  readonly serverErrors: number[];
  /** Requests that move `last_activity`. */
  readonly counting: number[];
}

/**
 * The last hour of each route, minute by minute, in typed arrays. A route gets a slot with its first request. A slot is brought up to date when it is
 * touched, so nothing walks over all of them; when there are as many as may be, the one unused longest is taken over, or the route gets
 * none. What every request touches is little and stands together: with many routes nothing of it is in the processor's cache.
 */
export class ByRoute {
  readonly #most: number;
  readonly #slots = new Map<string, number>();
  /** By slot. The target is that of the last request. */
  readonly #keys: string[] = [];
  readonly #targets: string[] = [];
  #free: number[] = [];
  /** For the histogram that is looked at. */
  readonly #sum = new Float64Array(BUCKETS);
  #requests = new Uint32Array(MINUTES * FIRST_SLOTS);
  #serverErrors = new Uint16Array(MINUTES * FIRST_SLOTS);
  #unreachable = new Uint16Array(MINUTES * FIRST_SLOTS);
  /** Requests that do not move `last_activity`; most do. */
  #idle = new Uint16Array(MINUTES * FIRST_SLOTS);
  #firstByte = new Uint16Array(PERIODS * BUCKETS * FIRST_SLOTS);
  #state = new Uint32Array(STATES * FIRST_SLOTS);
  /** Slots that may be taken over, the one unused longest last, as they were in that minute. */
  #unused: number[] = [];
  #unusedAt = 0;

  constructor(most = MOST_SLOTS) {
    this.#most = most;
  }

  /** Bytes of all slots. */
  get bytes(): number {
    return [
      ...[this.#requests, this.#serverErrors, this.#unreachable, this.#idle, this.#firstByte, this.#state],
    ].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  hit(hit: Hit, target: string, now: number): void {
    const slot = this.#slots.get(hit.key) ?? this.#take(hit.key, target, now);
    if (slot === undefined) return;
    this.#moveTo(slot, now);
    const newest = this.#get(slot, NEWEST);
    this.#set(slot, USED, newest);
    if (this.#targets[slot] !== target) this.#retarget(slot, target);
    this.#noteAnswer(slot, hit, now);
    const minute = Math.min(Math.floor(hit.time / MINUTE_MS), newest);
    if (minute <= newest - MINUTES) return;
    const cell = slot * MINUTES + (minute % MINUTES);
    this.#requests[cell] = (this.#requests[cell] as number) + 1;
    if (hit.status >= 500) {
      increase(this.#serverErrors, cell);
      if (hit.answered === false) increase(this.#unreachable, cell);
    }
    if (!isSuccess(hit)) increase(this.#idle, cell);
    if (hit.firstByte === undefined) return;
    const period = Math.floor(minute / PERIOD);
    if (period > periodOf(newest) - PERIODS) countIn(this.#firstByte, bucketsAt(slot, period), bucketOf(hit.firstByte));
  }

  /** Undefined without history: it was never used, or its slot was taken over. */
  of(key: string, target: string, now: number): RouteUse | undefined {
    const slot = this.#at(key, now);
    if (slot === undefined) return undefined;
    const newest = this.#get(slot, NEWEST);
    const use = { requests: 0, serverErrors: 0, unreachable: 0, recentRequests: 0, recentErrors: 0 };
    const from = slot * MINUTES;
    for (let minute = 0; minute < MINUTES; minute++) {
      use.requests += this.#requests[from + minute] as number;
      use.serverErrors += this.#serverErrors[from + minute] as number;
      use.unreachable += this.#unreachable[from + minute] as number;
    }
    for (let minute = newest - PERIOD + 1; minute <= newest; minute++) {
      use.recentRequests += this.#requests[from + (minute % MINUTES)] as number;
      use.recentErrors += this.#serverErrors[from + (minute % MINUTES)] as number;
    }
    const since = this.#targets[slot] === target ? this.#get(slot, UNREACHABLE_SINCE) * SECOND_MS : 0;
    const firstByteP95 = quantile(this.#histogram(slot), 0.95);
    return { ...use, unreachableSince: since === 0 ? null : Math.min(since, now), firstByteP95 };
  }

  /** Requests of each of the last 60 minutes, this one last. */
  minutes(key: string, now: number): number[] | undefined {
    const slot = this.#at(key, now);
    return slot === undefined ? undefined : this.#inOrder(this.#requests, slot);
  }

  detail(key: string, now: number): RouteDetail | undefined {
    const slot = this.#at(key, now);
    if (slot === undefined) return undefined;
    const firstByte = this.#histogram(slot);
    const requests = this.#inOrder(this.#requests, slot);
    const idle = this.#inOrder(this.#idle, slot);
    return {
      firstByteP50: quantile(firstByte, 0.5),
      firstByteP95: quantile(firstByte, 0.95),
      firstByteP99: quantile(firstByte, 0.99),
      first: (this.#get(slot, NEWEST) - MINUTES + 1) * MINUTE_MS,
      requests,
      serverErrors: this.#inOrder(this.#serverErrors, slot),
      counting: requests.map((count, minute) => count - (idle[minute] as number)),
    };
  }

  /** Forgets routes that are gone. */
  retain(isThere: (key: string) => boolean): void {
    for (const [key, slot] of this.#slots) {
      if (isThere(key)) continue;
      this.#slots.delete(key);
      this.#free.push(slot);
    }
  }

  /** Its slot, brought up to date. Looking at a route is no use of it. */
  #at(key: string, now: number): number | undefined {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#moveTo(slot, now);
    return slot;
  }

  #inOrder(counts: Uint32Array | Uint16Array, slot: number): number[] {
    const oldest = this.#get(slot, NEWEST) + 1;
    return Array.from({ length: MINUTES }, (_, at) => counts[slot * MINUTES + ((oldest + at) % MINUTES)] as number);
  }

  #histogram(slot: number): Float64Array {
    const sum = this.#sum.fill(0);
    for (let period = 0; period < PERIODS; period++) addUp(sum, this.#firstByte, bucketsAt(slot, period));
    return sum;
  }

  #noteAnswer(slot: number, hit: Hit, now: number): void {
    const isKnown = this.#get(slot, UNREACHABLE_SINCE) > 0;
    if (hit.answered === true && isKnown) this.#set(slot, UNREACHABLE_SINCE, 0);
    if (hit.answered === false && !isKnown) {
      this.#set(slot, UNREACHABLE_SINCE, Math.floor(Math.min(hit.time, now) / SECOND_MS));
    }
  }

  /** What is known of one backend says nothing of another. */
  #retarget(slot: number, target: string): void {
    this.#targets[slot] = target;
    this.#set(slot, UNREACHABLE_SINCE, 0);
  }

  #moveTo(slot: number, now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    const before = this.#get(slot, NEWEST);
    if (minute === before) return;
    eachStale(before, minute, MINUTES, (at) => {
      const cell = slot * MINUTES + at;
      this.#requests[cell] = 0;
      this.#serverErrors[cell] = 0;
      this.#unreachable[cell] = 0;
      this.#idle[cell] = 0;
    });
    eachStale(periodOf(before), periodOf(minute), PERIODS, (period) => {
      const from = bucketsAt(slot, period);
      this.#firstByte.fill(0, from, from + BUCKETS);
    });
    this.#set(slot, NEWEST, minute);
  }

  #take(key: string, target: string, now: number): number | undefined {
    const slot = this.#free.pop() ?? (this.#keys.length < this.#most ? this.#another() : this.#takeOver(now));
    if (slot === undefined) return undefined;
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#targets[slot] = target;
    for (const counts of [this.#requests, this.#serverErrors, this.#unreachable, this.#idle]) {
      counts.fill(0, slot * MINUTES, (slot + 1) * MINUTES);
    }
    this.#firstByte.fill(0, slot * PERIODS * BUCKETS, (slot + 1) * PERIODS * BUCKETS);
    this.#set(slot, NEWEST, Math.floor(now / MINUTE_MS));
    this.#set(slot, UNREACHABLE_SINCE, 0);
    return slot;
  }

  #another(): number {
    const slot = this.#keys.length;
    if (slot * STATES === this.#state.length) this.#grow(Math.min(Math.ceil(slot * GROWTH), this.#most));
    return slot;
  }

  #takeOver(now: number): number | undefined {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#unusedAt) this.#findUnused(minute);
    for (let slot = this.#unused.pop(); slot !== undefined; slot = this.#unused.pop()) {
      if (!this.#isUnused(slot, minute)) continue;
      this.#slots.delete(this.#keys[slot] as string);
      return slot;
    }
    return undefined;
  }

  #findUnused(minute: number): void {
    this.#unusedAt = minute;
    this.#unused = [...this.#slots.values()]
      .filter((slot) => this.#isUnused(slot, minute))
      .sort((a, b) => this.#get(b, USED) - this.#get(a, USED));
  }

  /** After the clock was set back nobody knows. */
  #isUnused(slot: number, minute: number): boolean {
    const used = this.#get(slot, USED);
    return minute - used >= KEPT_MINUTES || used > minute;
  }

  #grow(slots: number): void {
    this.#requests = copied(this.#requests, new Uint32Array(MINUTES * slots));
    this.#serverErrors = copied(this.#serverErrors, new Uint16Array(MINUTES * slots));
    this.#unreachable = copied(this.#unreachable, new Uint16Array(MINUTES * slots));
    this.#idle = copied(this.#idle, new Uint16Array(MINUTES * slots));
    this.#firstByte = copied(this.#firstByte, new Uint16Array(PERIODS * BUCKETS * slots));
    this.#state = copied(this.#state, new Uint32Array(STATES * slots));
  }

  #get(slot: number, what: number): number {
    return this.#state[slot * STATES + what] as number;
  }

  #set(slot: number, what: number, value: number): void {
    this.#state[slot * STATES + what] = value;
  }
}

function periodOf(minute: number): number {
  return Math.floor(minute / PERIOD);
}

/** Where the histogram of a period begins. */
function bucketsAt(slot: number, period: number): number {
  return (slot * PERIODS + (period % PERIODS)) * BUCKETS;
}

function increase(counts: Uint16Array, at: number): void {
  const count = counts[at] as number;
  if (count < FULL) counts[at] = count + 1;
}

function copied<T extends Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
