import { describeError, SignalboxError } from '../errors.ts';
import type { Driver } from '../proxies/driver.ts';
import type { Batch } from '../routes/plan.ts';
import { Journal } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Log } from '../system/log.ts';
import { Failures } from './failures.ts';
import { Leftovers } from './leftovers.ts';
import { Waiters } from './waiters.ts';
import { Watch } from './watch.ts';

export interface ReconcilerOptions {
  driver: Pick<Driver, 'apply' | 'pause' | 'look'>;
  table: RoutingTable;
  log: Log;
  /** What the proxy of a killed daemon still serves, for a table that is not kept. */
  leftovers?: Iterable<Route>;
  /** The keys of those that nobody has put back. */
  onLeftoversEnd?: (keys: readonly string[]) => void;
  /** Called after each pass with its duration in seconds, and the error if it failed. */
  onPass?: (seconds: number, error: unknown) => void;
}

/**
 * The one loop that changes the proxy: takes what gathered since the last pass as one plan, has the driver apply it, and
 * wakes everyone who waited for a generation that is now confirmed. While a pass runs, further changes gather, so one
 * change costs one pass and 500 at once cost one or two.
 */
export class Reconciler {
  readonly #driver: ReconcilerOptions['driver'];
  readonly #table: RoutingTable;
  readonly #log: Log;
  readonly #onPass: (seconds: number, error: unknown) => void;
  readonly #journal = new Journal();
  readonly #waiters = new Waiters();
  readonly #failures = new Failures();
  readonly #leftovers: Leftovers;
  readonly #watch: Watch;
  /** Generation of the table as it was loaded. */
  readonly #first: number;
  #served = -1;
  /** Does what was confirmed still hold? Not from a drift or a failure until a pass that began later has succeeded. */
  #trusted = false;
  /** Why not, until a pass tells. */
  #doubt: string | undefined;
  #passes = 0;
  #isPassing = false;
  /** A pass is due even if no route changed. */
  #requested = true;
  #running = false;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(options: ReconcilerOptions) {
    this.#driver = options.driver;
    this.#table = options.table;
    this.#first = options.table.generation;
    this.#log = options.log;
    this.#leftovers = new Leftovers(options.leftovers ?? [], (keys) => {
      options.onLeftoversEnd?.(keys);
      this.drift('routes that an earlier daemon left were not put back', true);
    });
    this.#onPass = options.onPass ?? (() => {});
    this.#watch = new Watch({
      look: async () => {
        if (this.#served >= 0) await this.#driver.look(this.#served);
      },
      settled: () => (this.#trusted && !this.#isPassing ? this.#passes : undefined),
      onFault: (reason, lost) => this.#onFault(reason, lost),
    });
  }

  /** The newest generation that the proxy has shown to serve; -1 before the first, and while it is seen to serve none. */
  get served(): number {
    return this.isFaulty ? -1 : this.#served;
  }

  /** Generations that the proxy has not confirmed yet. */
  get pending(): number {
    return this.#table.generation - Math.max(this.#served, this.#first);
  }

  /** Is the proxy seen to be silent, or to have lost what it served? */
  get isFaulty(): boolean {
    return this.#watch.isFaulty;
  }

  /** Why `isCurrent` is false now. */
  get reason(): string {
    return this.#failures.reason ?? this.#doubt ?? 'the proxy does not serve the newest table yet';
  }

  /** Does the proxy serve the newest table, as far as is known? */
  get isCurrent(): boolean {
    return this.#trusted && this.#served >= this.#table.generation;
  }

  get lastError(): { time: number; message: string } | undefined {
    return this.#failures.last;
  }

  start(): void {
    this.#running = true;
    this.#watch.start();
    this.#leftovers.start();
    this.#journal.requireFull(this.#table.generation);
    this.#loop = this.#run();
  }

  /** Ends the loop after the pass that is running; whoever still waits is told so. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopped = true;
    this.#leftovers.stop();
    this.#watch.stop();
    this.#wake();
    this.#waiters.rejectAll(shuttingDown());
    await this.#loop;
  }

  /** Hands over a batch that is stored. */
  record(batch: Batch): void {
    this.#journal.record(batch);
    this.#leftovers.record(batch);
    // While passes fail, the next try comes in its own time: a stream of changes must not become a stream of tries.
    if (this.#failures.count === 0) this.#wake();
  }

  /** Asks for a pass because something changed outside; see DriverEvents. */
  drift(reason: string, full: boolean): void {
    if (!this.#running) return;
    this.#log.info({ reason, full }, 'checking the proxy again');
    this.#distrust(`the proxy is being checked again: ${reason}`, full);
  }

  /** Resolves when the proxy serves `generation`, rejects with NOT_SERVED after `timeoutMs`; may be asked before the start. */
  waitFor(generation: number, timeoutMs: number): Promise<void> {
    if (this.#trusted && this.#served >= generation) return Promise.resolve();
    if (this.#stopped) return Promise.reject(shuttingDown());
    return this.#waiters.wait(generation, timeoutMs, () => this.#notServed(timeoutMs));
  }

  #distrust(reason: string, full: boolean): void {
    this.#doubt = reason;
    this.#trusted = false;
    this.#requested = true;
    if (full) this.#journal.requireFull(this.#table.generation);
    this.#wake();
  }

  /** While passes fail they are tried again anyway, and say more. */
  #onFault(reason: string, lost: boolean): void {
    if (!this.#trusted) return;
    this.#log.warn({ reason }, 'the proxy no longer serves what it should');
    this.#distrust(reason, lost);
  }

  async #run(): Promise<void> {
    while (this.#running) {
      if (this.#journal.isEmpty && !this.#requested) {
        await this.#sleep(undefined);
        continue;
      }
      await this.#pace();
      if (!this.#running) return;
      const failed = await this.#pass();
      // Drift (the proxy came back) cuts the wait short.
      if (failed && !this.#requested) await this.#sleep(this.#failures.retryDelay());
      if (failed) this.#requested = true;
    }
  }

  /** Takes what gathered, applies it, and tells whoever waited. True when it failed. */
  async #pass(): Promise<boolean> {
    const plan = this.#journal.take(() => this.#leftovers.with(this.#table));
    const generation = Math.max(plan.generation, this.#served, 0);
    const started = performance.now();
    this.#requested = false;
    this.#isPassing = true;
    try {
      await this.#driver.apply({ ...plan, generation });
    } catch (error) {
      this.#trusted = false;
      this.#journal.putBack(plan);
      if (this.#running) this.#fail(error);
      this.#onPass((performance.now() - started) / 1000, error);
      return true;
    } finally {
      this.#isPassing = false;
      this.#passes++;
    }
    this.#succeed(generation);
    this.#onPass((performance.now() - started) / 1000, undefined);
    return false;
  }

  #succeed(generation: number): void {
    if (this.#failures.count > 0) {
      this.#log.info({ generation, failures: this.#failures.count }, 'the proxy serves the newest table again');
    }
    this.#failures.end();
    this.#watch.clear();
    this.#served = generation;
    // Something changed outside while the pass ran: only the next one can tell what is served.
    if (this.#requested) return;
    this.#trusted = true;
    this.#doubt = undefined;
    this.#waiters.wake(generation);
  }

  #fail(error: unknown): void {
    const message = describeError(error);
    if (!this.#failures.add(message, Date.now())) return;
    const hint = error instanceof SignalboxError ? error.hint : undefined;
    const failures = this.#failures.count;
    this.#log.error({ failures, hint }, `the proxy does not serve the newest table yet: ${message}`);
  }

  /** A driver whose passes are dear (a reload) asks for a pause, in which more changes gather. */
  async #pace(): Promise<void> {
    for (let pause = this.#pause(); pause > 0 && this.#running; pause = this.#pause()) {
      await this.#sleep(pause, true);
    }
  }

  /** What keeps a driver from telling is for its next pass to say. */
  #pause(): number {
    try {
      return this.#driver.pause();
    } catch {
      return 0;
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

  #notServed(timeoutMs: number): SignalboxError {
    const reason = this.#failures.reason === undefined ? '' : `: ${this.#failures.reason}`;
    return new SignalboxError('NOT_SERVED', `stored, but not served within ${timeoutMs / 1000} s${reason}`, {
      hint: 'The change is kept and will be served as soon as the proxy can; GET /status shows how it stands.',
    });
  }
}

function shuttingDown(): SignalboxError {
  return new SignalboxError('SHUTTING_DOWN', 'shutting down');
}
