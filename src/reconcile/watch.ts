import { describeError, SignalboxError } from '../errors.ts';

export interface ProxyWatchOptions {
  /** Driver.look */
  look(): Promise<void>;
  /** Another value after each pass; undefined while there is nothing that the proxy surely has to serve. */
  settled(): number | undefined;
  /** Users can't rely on the proxy; `lost`: it answers, but serves something else than it should. */
  onFault(reason: string, lost: boolean): void;
}

const LOOK_MS = 1_000;
/** So many looks in a row without an answer: a slow answer is not a dead proxy. */
const MISSES = 2;

/**
 * Looks every second whether the proxy still serves what it has shown to serve. While nobody changes a route nothing else
 * would tell: its processes may hang, its files may have been moved away.
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
    // A pass is changing what it serves. It has answered, and that is all there is to know.
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
