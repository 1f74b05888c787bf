import { describeError, SignalboxError } from '../errors.ts';
import type { Driver } from '../proxies/driver.ts';
import type { Batch } from '../routes/plan.ts';
import { Journal } from '../routes/plan.ts';
import type { RoutingTable } from '../routes/table.ts';

/** The part of a pino logger that is used here. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ReconcilerOptions {
  driver: Driver;
  table: RoutingTable;
  log: Log;
  /** Called after each pass with its duration in seconds, and the error if it failed. */
  onPass?: (seconds: number, error: unknown) => void;
}

interface Waiter {
  generation: number;
  resolve: () => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;
const REPEAT_LOG_MS = 60_000;

/**
 * The one loop that changes the proxy: takes what gathered since the last pass as one plan, has the driver apply it, and
 * wakes everyone who waited for a generation that is now confirmed. While a pass runs, further changes gather, so one
 * change costs one pass and 500 at once cost one or two.
 */
export class Reconciler {
  readonly #driver: Driver;
  readonly #table: RoutingTable;
  readonly #log: Log;
  readonly #onPass: (seconds: number, error: unknown) => void;
  readonly #journal = new Journal();
  readonly #waiters = new Set<Waiter>();
  #served = -1;
  /** The proxy may have changed since the last confirmation: nothing counts as served until the next pass. */
  #stale = true;
  #running = false;
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};
  #lastError: { time: number; message: string } | undefined;
  #failingSince: number | undefined;
  #failures = 0;
  #loggedAt = 0;

  constructor(options: ReconcilerOptions) {
    this.#driver = options.driver;
    this.#table = options.table;
    this.#log = options.log;
    this.#onPass = options.onPass ?? (() => {});
  }

  /** The newest generation that the proxy has shown to serve; -1 before the first. */
  get served(): number {
    return this.#served;
  }

  /** Does the proxy serve the newest table, as far as is known? */
  get isCurrent(): boolean {
    return !this.#stale && this.#served >= this.#table.generation;
  }

  /** Changed routes that wait for the next pass. */
  get pending(): number {
    return this.#journal.size;
  }

  get lastError(): { time: number; message: string } | undefined {
    return this.#lastError;
  }

  /** Milliseconds since 1970 when passes began to fail, undefined while they succeed. */
  get failingSince(): number | undefined {
    return this.#failingSince;
  }

  start(): void {
    this.#running = true;
    this.#journal.requireFull(this.#table.generation);
    this.#loop = this.#run();
  }

  /** Ends the loop after the pass that is running; whoever still waits is told so. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#wake();
    for (const waiter of this.#waiters) this.#settle(waiter, new SignalboxError('SHUTTING_DOWN', 'shutting down'));
    await this.#loop;
  }

  /** Hands over a batch that is stored. */
  record(batch: Batch): void {
    this.#journal.record(batch);
    // While passes fail, the next try comes in its own time: a stream of changes must not become a stream of tries.
    if (this.#failures === 0) this.#wake();
  }

  /** Asks for a pass because something changed outside; see DriverEvents. */
  drift(reason: string, full: boolean): void {
    if (!this.#running) return;
    this.#log.info({ reason, full }, 'checking the proxy again');
    this.#stale = true;
    if (full) this.#journal.requireFull(this.#table.generation);
    this.#wake();
  }

  /** Resolves when the proxy serves `generation`, rejects with NOT_SERVED after `timeoutMs`. */
  waitFor(generation: number, timeoutMs: number): Promise<void> {
    if (!this.#stale && this.#served >= generation) return Promise.resolve();
    if (!this.#running) return Promise.reject(new SignalboxError('SHUTTING_DOWN', 'shutting down'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(waiter, this.#notServed(timeoutMs)), timeoutMs);
      const waiter: Waiter = { generation, resolve, reject, timer };
      this.#waiters.add(waiter);
    });
  }

  async #run(): Promise<void> {
    while (this.#running) {
      if (this.#journal.isEmpty && !this.#stale) {
        await this.#sleep(undefined);
        continue;
      }
      await this.#pace();
      if (!this.#running) return;
      const failed = await this.#pass();
      // Drift (the proxy came back) cuts the wait short.
      if (failed) await this.#sleep(this.#retryDelay());
    }
  }

  async #pass(): Promise<boolean> {
    const plan = this.#journal.take(() => this.#table.routes());
    const generation = Math.max(plan.generation, this.#served, 0);
    const started = performance.now();
    this.#stale = false;
    try {
      await this.#driver.apply({ ...plan, generation });
    } catch (error) {
      this.#stale = true;
      this.#journal.putBack(plan);
      if (this.#running) this.#fail(error);
      this.#onPass((performance.now() - started) / 1000, error);
      return true;
    }
    this.#succeed(generation);
    this.#onPass((performance.now() - started) / 1000, undefined);
    return false;
  }

  #succeed(generation: number): void {
    if (this.#failingSince !== undefined) {
      this.#log.info({ generation, failures: this.#failures }, 'the proxy serves the newest table again');
    }
    this.#failingSince = undefined;
    this.#failures = 0;
    this.#served = generation;
    if (this.#stale) return;
    for (const waiter of this.#waiters) if (waiter.generation <= generation) this.#settle(waiter, undefined);
  }

  /** Logs the first failure and then one a minute, so that a proxy that is down does not fill the log. */
  #fail(error: unknown): void {
    const now = Date.now();
    const message = describeError(error);
    this.#failingSince ??= now;
    this.#failures++;
    const isNews =
      this.#failures === 1 || now - this.#loggedAt >= REPEAT_LOG_MS || message !== this.#lastError?.message;
    this.#lastError = { time: now, message };
    if (!isNews) return;
    this.#loggedAt = now;
    const hint = error instanceof SignalboxError ? error.hint : undefined;
    this.#log.error({ failures: this.#failures, hint }, `the proxy does not serve the newest table yet: ${message}`);
  }

  /** Full jitter with a cap: see "Exponential Backoff And Jitter", AWS Architecture Blog. */
  #retryDelay(): number {
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10));
    return ceiling * (0.25 + 0.75 * Math.random());
  }

  /** A driver whose passes are dear (a reload) asks for a pause, in which more changes gather. */
  async #pace(): Promise<void> {
    for (let pause = this.#driver.pause(); pause > 0 && this.#running; pause = this.#driver.pause()) {
      await this.#sleep(pause, true);
    }
  }

  #sleep(ms: number | undefined, deaf = false): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        if (deaf && this.#running) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #settle(waiter: Waiter, error: Error | undefined): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    if (error) waiter.reject(error);
    else waiter.resolve();
  }

  #notServed(timeoutMs: number): SignalboxError {
    const reason = this.#lastError && this.#failingSince !== undefined ? `: ${this.#lastError.message}` : '';
    return new SignalboxError('NOT_SERVED', `stored, but not served within ${timeoutMs / 1000} s${reason}`, {
      hint: 'The change is kept and will be served as soon as the proxy can; GET /status shows how it stands.',
      retryable: true,
    });
  }
}
