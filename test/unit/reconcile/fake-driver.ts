import { SignalboxError } from '../../../src/errors.ts';
import { Events } from '../../../src/observe/events.ts';
import type { Driver } from '../../../src/proxies/driver.ts';
import { Intake } from '../../../src/reconcile/intake.ts';
import { Reconciler } from '../../../src/reconcile/reconciler.ts';
import { Writer } from '../../../src/reconcile/writer.ts';
import type { Plan } from '../../../src/routes/plan.ts';
import type { Refusal } from '../../../src/routes/refusal.ts';
import { makeRoute, type Route } from '../../../src/routes/route.ts';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { LocalStore } from '../../../src/store/local-store.ts';
import type { Disk } from '../../../src/store/store.ts';
import { createMemoryDisk } from '../../support/memory-disk.ts';

/** A proxy that is only a table; a test may hold its passes, make them fail, or ask for pauses. */
export class FakeDriver implements Driver {
  readonly name = 'fake';
  readonly accessLog = undefined;
  readonly plans: Plan[] = [];
  /** What the proxy serves: key to target. */
  readonly served = new Map<string, string>();
  /** Each pass takes one off and fails with it; undefined: it succeeds. */
  failures: (Error | undefined)[] = [];
  /** Keys and targets of which it takes no table; it says so with `refusal`. */
  bad = new Set<string>();
  refusal: (keys: readonly string[]) => Error = () => new SignalboxError('PROXY_REFUSED_CONFIG', 'a bad row');
  pauseMs = 0;
  /** What a look finds; undefined: all is well. */
  fault: Error | undefined;
  #hold: Promise<void> | undefined;
  /** As a driver has it, who may have changed it for a plan that the proxy then refused. */
  readonly #table = new Map<string, string>();

  /** The passes from here on wait until the function that comes back is called. */
  hold(): () => void {
    let release = () => {};
    this.#hold = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async apply(plan: Plan): Promise<void> {
    this.plans.push(plan);
    await this.#hold;
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (plan.full) this.#table.clear();
    for (const key of plan.remove) this.#table.delete(key);
    for (const { key, target } of plan.set) this.#table.set(key, target);
    const bad = [...this.#table].flatMap(([key, target]) => (this.bad.has(key) || this.bad.has(target) ? [key] : []));
    if (bad.length > 0) throw this.refusal(bad);
    this.served.clear();
    for (const [key, target] of this.#table) this.served.set(key, target);
  }

  async look(): Promise<void> {
    if (this.fault) throw this.fault;
  }

  backends() {
    return new Map();
  }

  refuses({ key, target }: Route): Refusal | undefined {
    if (key.includes('refused')) return { of: 'routespec', message: 'no such key', hint: 'Take another.' };
    if (target.includes('refused')) return { of: 'target', message: 'no such target', hint: 'Take another.' };
    return undefined;
  }

  pause(): number {
    return this.pauseMs;
  }

  async start() {}
  templatesChanged(): void {}

  status() {
    const templates = { own: [], problem: undefined };
    return { up: true, version: undefined, reloads: 0, draining: undefined, pins: undefined, restarts: 0, templates };
  }
  async stop() {}
}

export const route = (key: string, target = `http://127.0.0.1/${key}`): Route => makeRoute(key, { target });

export const setting = (...routes: Route[]) => ({
  clear: undefined,
  remove: [],
  set: routes.map((one) => ({ route: one })),
});
export const removing = (...remove: string[]) => ({ clear: undefined, remove, set: [] });
export const replacing = (...routes: Route[]) => ({ ...setting(...routes), clear: WHOLE_TABLE });

/** Reconciler and writer over a fake proxy and a disk in memory; nothing runs yet. */
export async function makeLoop(options: { driver?: FakeDriver; disk?: Disk; applyTimeoutMs?: number } = {}) {
  const { driver = new FakeDriver(), disk = createMemoryDisk(), applyTimeoutMs = 5_000 } = options;
  const table = new RoutingTable();
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const passes: unknown[] = [];
  const reconciler = new Reconciler({
    driver,
    table,
    log: { info: write, warn: write, error: write },
    onPass: (_, error) => void passes.push(error),
  });
  const changeLines: string[] = [];
  const log = { info: (_: object, message: string) => void changeLines.push(message) };
  const events = new Events();
  const store = new LocalStore(disk, { warn: write });
  await store.open(new Intake({ table, reconciler, log, events }));
  const writer = new Writer({ store, driver, reconciler, applyTimeoutMs });
  return { driver, disk, store, table, reconciler, writer, lines, changeLines, events, passes };
}

/** Lets everything happen that needs no time: a change gets through the store and to the loop. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}
