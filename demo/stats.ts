/** What the page and the terminal show. */
export interface Stats {
  /** Changes that were answered with 201 or 204. */
  changes: number;
  /** Changes that were answered with anything else. */
  failed: number;
  /** Requests right after a change that were not answered as the new table says. The promise is that there are none. */
  wrong: number;
  /** From the daemon's /status; undefined until it was asked. */
  routes: number | undefined;
  reloads: number | undefined;
}

/** The newest samples, for percentiles of what goes on now and not of an hour ago. */
export class Window {
  readonly #size: number;
  #samples: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  add(sample: number): void {
    this.#samples.push(sample);
    if (this.#samples.length > 2 * this.#size) this.#samples = this.#samples.slice(-this.#size);
  }

  /** `percentiles(0.5, 0.99)`; undefined for each as long as there are no samples. */
  percentiles(...ranks: number[]): (number | undefined)[] {
    const sorted = this.#samples.slice(-this.#size).sort((a, b) => a - b);
    return ranks.map((rank) => sorted[Math.min(sorted.length - 1, Math.floor(rank * sorted.length))]);
  }
}
