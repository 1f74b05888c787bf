import { describeError, SignalboxError } from '../errors.ts';

export interface ProxyWatchOptions {
  /** Driver.look */
  look(): Promise<void>;
  /** Changes with each pass; undefined while it is not certain what the proxy has to serve. */
  settled(): number | undefined;
  /** Users can't rely on the proxy; `lost`: it answers, but serves something else than it should. */
  onFault(reason: string, lost: boolean): void;
}

const LOOK_MS = 1_000;
/** How many looks in a row may go unanswered: a slow proxy is not a dead one. */
const MISSES = 2;

/**
 * Looks every second whether the proxy still serves what it has confirmed. While no route changes, nothing else would show that its
 * processes hang, or that its files were moved away.
 */
export class Watch {
  readonly #options: ProxyWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #misses = 0;
  #fault: 'silent' | 'lost' | undefined;

  constructor(options: ProxyWatchOptions) {
    this.#options = options;
  }

  /** Did the last look find a proxy that users can't rely on? */
  get isFaulty(): boolean {
    return this.#fault !== undefined;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The proxy serves what it should. */
  clear(): void {
    this.#misses = 0;
    this.#fault = undefined;
  }

  async #look(): Promise<void> {
    const before = this.#options.settled();
    const error = await this.#options.look().catch((reason: unknown) => reason ?? 'unknown');
    if (!this.#timer) return;
    if (error === undefined) this.clear();
    else if (!isWrongAnswer(error)) {
      this.#misses++;
      if (this.#misses < MISSES) return await this.#look();
      this.#found('silent', error);
    } else if (before !== undefined && before === this.#options.settled()) this.#found('lost', error);
    // A pass is changing what it serves. That it has answered is all that this look can tell.
    else if (this.#fault === 'silent') this.clear();
    this.start();
  }

  #found(fault: 'silent' | 'lost', error: unknown): void {
    this.#fault = fault;
    this.#options.onFault(describeError(error), fault === 'lost');
  }
}

function isWrongAnswer(error: unknown): boolean {
  return error instanceof SignalboxError && error.code === 'PROXY_NOT_CONFIRMED';
}
