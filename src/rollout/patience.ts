export interface PatienceOptions {
  /** For a table without routes, ms. */
  readonly baseMs: number;
  /** More for each route in the configuration, ms. */
  readonly rowMs: number;
  /** The most, ms: clients that wait for a change have to hear the reason before they give up. */
  readonly mostMs?: number;
}

/** How many times slower a machine may be than the one of the figures. */
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
