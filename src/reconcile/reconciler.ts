import { SignalboxError } from '../errors.ts';
import type { Driver } from '../proxies/driver.ts';
import type { Batch, Plan } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Log } from '../system/log.ts';
import { Confirmed } from './confirmed.ts';
import { Failures } from './failures.ts';
import { Leftovers } from './leftovers.ts';
import { Loop } from './loop.ts';
import { notServed, notVerified } from './not-served.ts';
import { Outstanding } from './outstanding.ts';
import { RefusedRoutes } from './refused-routes.ts';
import type { PlanResult } from './search.ts';
import { servePlan } from './serve-plan.ts';
import { Waiters } from './waiters.ts';
import { Watch } from './watch.ts';

/** So long a change may be on its way to the proxy: one pass, and the one before it. */
const ON_THEIR_WAY_MS = 2_000;

export interface ReconcilerOptions {
  driver: Pick<Driver, 'apply' | 'pause' | 'look'>;
  table: RoutingTable;
  log: Log;
  /** What the proxy of a killed daemon still serves, for a table that is not kept. */
  leftovers?: Iterable<Route>;
  /** The keys of those that nobody has put back. */
  onLeftoversEnd?: (keys: readonly string[]) => void;
  /** Called with each generation that the proxy has shown to serve. */
  onServed?: (generation: number) => void;
  /** Called after each pass with its duration in seconds, and the error if it failed. */
  onPass?: (seconds: number, error: unknown) => void;
}

/**
 * The one loop that changes the proxy: takes what gathered since the last pass as one plan, has the driver apply it, and
 * wakes everyone who waited for a generation that is now confirmed. While a pass runs, further changes gather, so one
 * change costs one pass and 500 at once cost one or two.
 */
export class Reconciler {
  /** Why passes fail. */
  readonly failures: Failures;
  /** Routes that the proxy refuses. It serves all the others. */
  readonly refused: RefusedRoutes;
  readonly #driver: ReconcilerOptions['driver'];
  readonly #table: RoutingTable;
  readonly #log: Log;
  readonly #onServed: (generation: number) => void;
  readonly #onPass: (seconds: number, error: unknown) => void;
  readonly #waiters = new Waiters();
  readonly #leftovers: Leftovers;
  readonly #outstanding: Outstanding;
  readonly #watch: Watch;
  readonly #confirmed = new Confirmed();
  readonly #loop: Loop;
  /** Generations that came since the table was loaded and that no pass has confirmed, the oldest first. */
  #pending: { readonly generation: number; readonly since: number }[] = [];
  #isStarted = false;
  /** A fault was reported, and no pass has succeeded since. */
  #hadFault = false;
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#driver = options.driver;
    this.#table = options.table;
    this.#log = options.log;
    this.failures = new Failures(options.log);
    this.refused = new RefusedRoutes(options.log);
    this.#leftovers = new Leftovers(options.leftovers ?? [], (keys) => {
      options.onLeftoversEnd?.(keys);
      this.drift('routes that an earlier daemon left were not put back', true);
    });
    this.#outstanding = new Outstanding(options.table, this.#leftovers, this.refused);
    this.#onServed = options.onServed ?? (() => {});
    this.#onPass = options.onPass ?? (() => {});
    this.#watch = new Watch({
      look: async () => {
        const { generation } = this.#confirmed;
        if (generation >= 0) await this.#driver.look(generation);
      },
      settled: () => (this.#confirmed.isTrusted ? this.#loop.rested : undefined),
      onFault: (reason, lost) => this.#onFault(reason, lost),
    });
    this.#loop = new Loop({
      isDue: () => this.#outstanding.isDue(),
      idleMs: () => this.#outstanding.idleMs(),
      pauseMs: () => this.#driver.pause(),
      pass: () => this.#pass(),
      retryMs: () => this.failures.retryDelay(),
    });
  }

  /**
   * The newest generation that the proxy has shown to serve, without routes that it refuses; -1 before the first, and while it
   * serves none.
   */
  get served(): number {
    return this.isFaulty ? -1 : this.#confirmed.generation;
  }

  /** Generations that the proxy has not confirmed yet. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Does the proxy not answer, or has it lost what it served? */
  get isFaulty(): boolean {
    return this.#watch.isFaulty;
  }

  /** Why `isCurrent` is false now. */
  get reason(): string {
    if (!this.#table.isKnown) return 'the table of routes is not known yet';
    return this.failures.reason ?? this.#confirmed.doubt ?? 'the proxy does not serve the newest table yet';
  }

  /** Does the proxy serve the newest table, as far as is known? */
  get isCurrent(): boolean {
    return this.#confirmed.isServed(this.#table.generation);
  }

  /** The same, but for changes that are on their way: there always are some where many servers start and stop. */
  get isKeepingUp(): boolean {
    const [oldest] = this.#pending;
    if (oldest && performance.now() - oldest.since > ON_THEIR_WAY_MS) return false;
    return this.#confirmed.isTrusted && (oldest !== undefined || this.isCurrent);
  }

  /** Begins as soon as there is a table. */
  start(): void {
    this.#isStarted = true;
    this.#begin();
  }

  #begin(): void {
    if (!this.#isStarted || !this.#table.isKnown || this.#loop.isRunning) return;
    this.#watch.start();
    this.#leftovers.start();
    this.#loop.start();
  }

  /** Ends the loop after the pass that is running; whoever still waits is told so. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#isStarted = false;
    this.#leftovers.stop();
    this.#watch.stop();
    this.#waiters.rejectAll(shuttingDown());
    await this.#loop.end();
  }

  /** The table is another one. */
  reset(): void {
    this.#pending = [];
    this.#outstanding.requireFull();
    this.#begin();
    this.#loop.wake();
  }

  /** Hands over a batch that is stored. */
  record(batch: Batch): void {
    this.#outstanding.record(batch);
    this.#pending.push({ generation: batch.generation, since: performance.now() });
    // While passes fail, the backoff decides when the next try comes: not each change may cause one.
    if (this.failures.count === 0) this.#loop.wake();
  }

  /** Asks for a pass because something changed outside; see DriverEvents. */
  drift(reason: string, full: boolean): void {
    if (!this.#loop.isRunning) return;
    this.#log.info({ event: 'drift', reason, full }, 'checking the proxy again');
    this.refused.retryAll();
    this.#distrust(`the proxy is being checked again: ${reason}`, full);
  }

  /**
   * Resolves when the proxy serves `generation`, rejects with NOT_SERVED after `timeoutMs`, or at once when it refuses one of
   * `routes`; may be asked before the start.
   */
  waitFor(generation: number, timeoutMs: number, routes: readonly Route[] = []): Promise<void> {
    if (this.#confirmed.isServed(generation)) {
      const error = this.refused.errorFor(routes);
      return error ? Promise.reject(error) : Promise.resolve();
    }
    if (this.#stopped) return Promise.reject(shuttingDown());
    return this.#waiters.wait(generation, routes, timeoutMs, () => notServed(timeoutMs, this.failures.reason));
  }

  /** Has the proxy asked for all that it should serve, and put right what is wrong; rejects when that takes longer than `timeoutMs`. */
  async verify(timeoutMs: number): Promise<void> {
    if (this.#stopped) throw shuttingDown();
    const { generation } = this.#table;
    const fail = () => notVerified(timeoutMs, this.reason);
    this.drift('verify', true);
    await this.#waiters.wait(generation, [], timeoutMs, fail);
    // There was no room for some routes.
    if (this.#confirmed.generation < generation) throw fail();
  }

  #distrust(reason: string, full: boolean): void {
    this.#confirmed.distrust(reason);
    if (full) this.#outstanding.requireFull();
    this.#loop.request();
  }

  /** Not while passes fail: those are tried again anyway, and say more. */
  #onFault(reason: string, lost: boolean): void {
    if (!this.#confirmed.isTrusted) return;
    this.#hadFault = true;
    this.#log.warn({ event: 'failure', reason }, 'the proxy no longer serves what it should');
    this.#distrust(reason, lost);
  }

  /** Takes what gathered, has it served, and tells whoever waited. True when not all of it is. */
  async #pass(): Promise<boolean> {
    const plan = await this.#outstanding.take(this.#confirmed.generation);
    const started = performance.now();
    let result: PlanResult | undefined;
    let error: unknown;
    try {
      result = await servePlan(plan, this.#confirmed, (one) => this.#apply(one));
      error = result.reason;
    } catch (thrown) {
      error = thrown;
    }
    const failed = error !== undefined;
    if (failed) this.#confirmed.distrust();
    if (failed && this.#loop.isRunning) this.failures.add(error, Date.now());
    if (result) this.#succeed(plan, result);
    else this.#outstanding.putBack(plan);
    this.#onPass((performance.now() - started) / 1000, error);
    return failed;
  }

  /** Finding a refused route takes several tries: after `stop` none may start the proxy again. */
  async #apply(plan: Plan): Promise<void> {
    if (!this.#loop.isRunning) throw shuttingDown();
    try {
      await this.#driver.apply(plan);
    } catch (error) {
      if (this.#loop.isRunning) this.failures.note(error, Date.now());
      throw error;
    }
  }

  #succeed(plan: Plan, result: PlanResult): void {
    const { generation } = plan;
    const left = new Set(result.left.map(({ key }) => key));
    this.#watch.clear();
    this.#outstanding.settle(plan, result);
    if (left.size === 0) {
      if (this.#hadFault && this.failures.count === 0) {
        this.#log.info({ event: 'recovery', generation }, 'the proxy serves what it should again');
      }
      this.#hadFault = false;
      this.failures.end(generation);
      this.#confirmed.generation = generation;
      this.#pending = this.#pending.filter((one) => one.generation > generation);
    }
    // Something changed outside while the pass ran: only the next pass shows what is served.
    if (!this.#loop.isRequested) {
      if (left.size === 0) {
        this.#confirmed.trust();
        this.#onServed(generation);
      }
      this.#waiters.wake(generation, left, (routes) => this.refused.errorFor(routes));
    }
    // What was changed meanwhile is tried with the next pass.
    this.refused.retain((route) => this.#table.get(route.key)?.route === route);
  }
}

function shuttingDown(): SignalboxError {
  return new SignalboxError('SHUTTING_DOWN', 'shutting down');
}
