import { guarded } from '../../system/guarded.ts';
import type { Log } from '../../system/log.ts';

export interface PinTimerOptions {
  readonly intervalMs: number;
  /** Is a reload for the targets that should be pinned now worth it? */
  readonly isWorthReload: () => boolean;
  /** Workers of earlier configurations; undefined where they can't be seen. */
  readonly draining: () => number | undefined;
  readonly onDue: () => void;
  readonly log: Pick<Log, 'warn'>;
}

/** Routes that change all the time get their pins after this many intervals. */
const AT_LATEST = 360;

/** Decides when pins are worth a reload of their own: when routes have stopped changing and no earlier worker drains. */
export class PinTimer {
  readonly #options: PinTimerOptions;
  readonly #look: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #unpinnedSince: number | undefined;

  constructor(options: PinTimerOptions) {
    this.#options = options;
    this.#look = guarded(options.log, 'a look at the targets to pin', () => this.#consider());
  }

  routesChanged(): void {
    const { intervalMs } = this.#options;
    this.#unpinnedSince ??= Date.now();
    const overdue = Date.now() - this.#unpinnedSince > intervalMs * AT_LATEST;
    if (this.#timer && overdue) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), intervalMs).unref();
  }

  pinned(): void {
    this.#unpinnedSince = undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Not while an earlier worker drains, so that pins never cost more than one extra worker; where that can't be seen, never. */
  #consider(): void {
    this.#timer = undefined;
    const { draining, isWorthReload, onDue } = this.#options;
    if (draining() !== 0) this.routesChanged();
    else if (isWorthReload()) onDue();
    else this.pinned();
  }
}
