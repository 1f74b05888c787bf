import { SignalboxError } from '../../errors.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import type { Plan } from '../../routes/plan.ts';
import type { Route } from '../../routes/route.ts';
import type { Log } from '../../system/log.ts';
import type { Adapter } from '../adapter.ts';
import type { Backend, Refusal } from '../driver.ts';
import { backendsOf } from './backends.ts';
import type { RowRenderer } from './beside-rows.ts';
import type { Control, Served } from './control.ts';
import type { NginxHost } from './host.ts';
import type { Links } from './links.ts';
import type { Marks } from './marks.ts';
import { PinTimer } from './pin-timer.ts';
import type { Pins } from './pins.ts';
import type { NginxConfiguration } from './placement.ts';
import type { Rendering } from './rendering.ts';
import type { Resolver } from './resolver.ts';
import { type SettledRows, settleRows } from './settled-rows.ts';
import type { NginxTable } from './table.ts';

export interface NginxAdapterOptions {
  readonly table: NginxTable;
  readonly marks: Marks;
  readonly host: NginxHost;
  readonly control: Control;
  readonly rollout: Rollout<NginxConfiguration>;
  readonly links: Links;
  readonly pins: Pins;
  readonly resolver: Resolver;
  readonly refuses: (route: Route) => Refusal | undefined;
  readonly lastActivity: (key: string) => number;
  readonly onDrift: (reason: string) => void;
  readonly pinIntervalMs: number;
  readonly log: Pick<Log, 'warn'>;
}

/** nginx, managed or a sidecar: that differs in NginxHost alone. */
export class NginxAdapter implements Adapter<Rendering, NginxConfiguration> {
  readonly name = 'nginx';
  readonly #options: NginxAdapterOptions;
  readonly #pinTimer: PinTimer;
  /** Rows of the configuration that was rendered last. */
  #settled: SettledRows | undefined;
  /** Counts the reloads that are for pins alone. */
  #pinRound = 0;
  /** `differs`: nginx serves something else than our files should tell it. */
  #disk: 'just read' | 'as we left it' | 'differs' = 'as we left it';
  #version: string | undefined;
  /** Made when asked for, until the table changes. */
  #backends: ReadonlyMap<string, Backend> | undefined;

  constructor(options: NginxAdapterOptions) {
    this.#options = options;
    const { pinIntervalMs: intervalMs, pins, onDrift, log } = options;
    this.#pinTimer = new PinTimer({
      intervalMs,
      isWorthReload: () => pins.isWorthReload(this.#wantedPins()),
      draining: () => this.drainingWorkers,
      onDue: () => {
        this.#pinRound++;
        onDrift('nginx is to keep connections to backends in use, which takes a reload');
      },
      log,
    });
  }

  get version(): string | undefined {
    return this.#version;
  }

  get drainingWorkers(): number | undefined {
    return this.#options.host.workers()?.filter(({ draining }) => draining).length;
  }

  refuses(route: Route): Refusal | undefined {
    return this.#options.refuses(route);
  }

  async open(): Promise<void> {
    const { links, table, resolver } = this.#options;
    links.open();
    await table.open();
    this.#disk = 'just read';
    resolver.seed(table.entries());
  }

  check(rendering: Rendering): void {
    rendering.configOf(this.#shape, []);
  }

  async take(plan: Plan): Promise<void> {
    const { table, resolver } = this.#options;
    await this.#lookAtDisk(plan);
    const set = await resolver.describe(plan);
    try {
      if (plan.full) await table.replace(set, plan.generation);
      else await table.change(set, plan.remove, plan.generation);
    } finally {
      this.#backends = undefined;
    }
    resolver.forgetUnused();
    if (plan.full || set.size > 0) this.#pinTimer.routesChanged();
  }

  get configured(): string {
    return `${this.#options.table.shapeVersion}.${this.#pinRound}`;
  }

  async render(rendering: Rendering, isTrial: boolean): Promise<NginxConfiguration> {
    const { pins, table, marks, host, rollout } = this.#options;
    pins.renew(this.#wantedPins());
    this.#pinTimer.pinned();
    // Where nobody tells nginx to reload, a configuration that is another one after each change would never be served.
    this.#settled = host.canReload ? await settleRows(table.entries()) : undefined;
    const { digest, files } = rendering.configOf(this.#shape, pins.pinned);
    if (isTrial && host.up && !host.canReload && digest !== rollout.digest) throw unreloadable();
    if (this.#settled) marks.begin(digest, this.#settled.depth);
    const entries = [...table.rows()];
    return { digest, files, entries, size: entries.length + (this.#settled?.count ?? 0) };
  }

  blame(error: unknown, rendering: Rendering, configuration: NginxConfiguration): unknown {
    const blamed = rendering.blame(error, this.#shape, this.#options.pins.pinned);
    if (error instanceof SignalboxError && blamed instanceof SignalboxError)
      blamed.keys = rendering.keysAt(error, configuration, configuration.entries);
    return blamed;
  }

  async confirm(generation: number): Promise<void> {
    const { host, control } = this.#options;
    await host.ensureUp();
    const served = await control.served(generation);
    this.#version = served.nginx;
    const wrong = this.#whatIsWrong(served, generation);
    if (wrong === undefined) return;
    throw new SignalboxError('PROXY_NOT_CONFIRMED', wrong, {
      hint: 'Does nginx see the state folder under the same path?',
    });
  }

  doubt(): void {
    this.#disk = 'differs';
  }

  async look(generation: number): Promise<string | undefined> {
    const { control, table } = this.#options;
    // On a new connection: an old one might belong to a worker that hangs or drains.
    return this.#whatIsWrong(await control.look(generation), generation) ?? table.findDamage();
  }

  /** A route costs no reload, so none has to wait for others. */
  pause(): number {
    return 0;
  }

  backends(): ReadonlyMap<string, Backend> {
    this.#backends ??= backendsOf(this.#options.table.entries());
    return this.#backends;
  }

  stop(): void {
    this.#pinTimer.stop();
    this.#options.resolver.stop();
    this.#options.control.close();
  }

  readonly #shape = (renderer: RowRenderer) => this.#options.table.shape(renderer, this.#settled);

  #wantedPins(): string[] {
    const { pins, table, lastActivity } = this.#options;
    return pins.wanted(table.entries(), lastActivity);
  }

  #whatIsWrong({ generation, digest }: Served, wanted: number): string | undefined {
    const { rollout } = this.#options;
    if (digest !== rollout.digest) return `nginx runs configuration ${digest}, not ${rollout.digest}`;
    return generation === wanted ? undefined : `nginx does not serve generation ${wanted}`;
  }

  /**
   * Somebody may have changed our files. They are read again with each full plan (SIGHUP causes one) and when nginx serves
   * something else than they should tell it; what is missing is put back.
   */
  async #lookAtDisk(plan: Plan): Promise<void> {
    const { table, links, resolver } = this.#options;
    if (this.#disk === 'differs' || (plan.full && this.#disk !== 'just read')) {
      const wanted = new Map(table.entries());
      resolver.doubt();
      links.open();
      await table.open();
      if (!plan.full) await table.replace(wanted, plan.generation);
    }
    this.#disk = 'as we left it';
  }
}

/** Without a way to reload nginx the old templates stay: new ones, and routes with them, would wait for somebody to reload it. */
function unreloadable(): SignalboxError {
  return new SignalboxError('TEMPLATE_FAILED', 'templates changed, and there is no way to reload nginx', {
    hint: 'Set --nginx-pid-file or --reload-command.',
  });
}
