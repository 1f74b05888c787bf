/** Requests by key in the last few minutes: between one and two spans of time. */
export class Traffic {
  readonly #spanMs: number;
  readonly #now: () => number;
  #since: number;
  #latest = new Map<string, number>();
  #earlier: ReadonlyMap<string, number> = new Map();

  constructor(spanMs: number, now = () => performance.now()) {
    this.#spanMs = spanMs;
    this.#now = now;
    this.#since = now();
  }

  /** Called for every request. */
  add(key: string): void {
    this.#turn();
    this.#latest.set(key, (this.#latest.get(key) ?? 0) + 1);
  }

  /** Each key once. */
  counts(): ReadonlyMap<string, number> {
    this.#turn();
    const counts = new Map(this.#earlier);
    for (const [key, count] of this.#latest) counts.set(key, count + (counts.get(key) ?? 0));
    return counts;
  }

  #turn(): void {
    const passed = this.#now() - this.#since;
    if (passed < this.#spanMs) return;
    this.#earlier = passed < 2 * this.#spanMs ? this.#latest : new Map();
    this.#latest = new Map();
    this.#since = this.#now();
  }
}
