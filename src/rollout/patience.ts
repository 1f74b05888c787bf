export interface PatienceOptions {
  /** For a table without routes, ms. */
  readonly baseMs: number;
  /** More for each route in the configuration, ms. */
  readonly rowMs: number;
  /** Whoever waits for a change hears the reason before he gives up, ms. */
  readonly mostMs?: number;
}

/** A machine may be this much slower than the figures were made for. */
const MOST = 8;

/** How long a proxy may take for a configuration. It grows with the number of routes, and doubles when it was too short. */
export class Patience {
  readonly #options: PatienceOptions;
  #factor = 1;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  ms(rows: number): number {
    const { baseMs, rowMs, mostMs = Number.POSITIVE_INFINITY } = this.#options;
    return Math.min(mostMs, baseMs) * this.#factor + rows * rowMs * this.#factor;
  }

  wasEnough(): void {
    this.#factor = 1;
  }

  wasTooShort(): void {
    this.#factor = Math.min(MOST, this.#factor * 2);
  }
}
