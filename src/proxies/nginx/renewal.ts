import { guarded } from '../../system/guarded.ts';
import type { Log } from '../../system/log.ts';

export interface RenewalOptions {
  readonly intervalMs: number;
  readonly maxDraining: number;
  /** Generations of workers that still finish connections; undefined where they can't be seen. */
  readonly draining: () => number | undefined;
  /** Since nginx was last given another configuration, ms; 0 while that is under way. */
  readonly sinceReload: () => number;
  /** Would it make enough requests cheaper? `much`: also while earlier workers drain. */
  readonly gain: () => 'none' | 'some' | 'much';
  readonly onDue: () => void;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * How many intervals lie between two renewals while so many generations drain. Websockets live for hours, and each generation that
 * they keep alive costs memory: with the default of 10 s the second waits 2 minutes, the third 10, all others an hour.
 */
const APART = [1, 12, 60, 360];

/** Where workers can't be seen, those of an earlier renewal may have connections for this long, ms. */
const UNSEEN_MS = 24 * 3_600_000;

/** Routes that change all the time are not waited for any longer. */
const RESTLESS = 12;

/** Decides when it is worth a reload to put the routes of now into the configuration: as rows, and with pins. */
export class Renewal {
  readonly #options: RenewalOptions;
  readonly #timer: NodeJS.Timeout;
  #changedAt = 0;
  #restlessSince: number | undefined;
  /** When renewals were due. */
  #dues: number[] = [];

  constructor(options: RenewalOptions) {
    this.#options = options;
    const look = guarded(options.log, 'a look at whether rows and pins are to be renewed', async () => this.#look());
    this.#timer = setInterval(() => void look(), options.intervalMs).unref();
  }

  routesChanged(): void {
    this.#changedAt = Date.now();
    this.#restlessSince ??= this.#changedAt;
  }

  /** The routes of now have been rendered. */
  renewed(): void {
    this.#restlessSince = undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { intervalMs, maxDraining, draining, sinceReload, gain, onDue } = this.#options;
    const now = Date.now();
    const isResting = now - this.#changedAt >= intervalMs;
    if (!isResting && now - (this.#restlessSince ?? now) < RESTLESS * intervalMs) return;
    this.#dues = this.#dues.filter((time) => now - time < UNSEEN_MS);
    const generations = draining() ?? this.#dues.length;
    if (generations >= maxDraining) return;
    const apart = APART[Math.min(generations, APART.length - 1)] as number;
    // One that was due a moment ago may not have begun.
    const last = now - (this.#dues.at(-1) ?? 0);
    if (Math.min(last, sinceReload()) < apart * intervalMs) return;
    const worth = gain();
    if (worth === 'none' || (worth === 'some' && generations > 0)) return;
    this.#dues.push(now);
    onDue();
  }
}
