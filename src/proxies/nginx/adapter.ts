import { SignalboxError } from '../../errors.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import type { Plan } from '../../routes/plan.ts';
import type { Refusal } from '../../routes/refusal.ts';
import type { Route } from '../../routes/route.ts';
import type { Log } from '../../system/log.ts';
import type { Adapter } from '../adapter.ts';
import type { Backend } from '../driver.ts';
import { backendsOf } from './backends.ts';
import type { RowRenderer } from './beside-rows.ts';
import type { Control, Served } from './control.ts';
import { drainingOf } from './draining.ts';
import { shareOf } from './gain.ts';
import type { NginxHost } from './host.ts';
import type { Links } from './links.ts';
import type { Marks } from './marks.ts';
import type { Pins } from './pins.ts';
import type { NginxConfiguration } from './placement.ts';
import type { Rendering } from './rendering.ts';
import { Renewal } from './renewal.ts';
import type { Resolver } from './resolver.ts';
import { type SettledRows, settleRows } from './settled-rows.ts';
import type { NginxTable } from './table.ts';
import { Traffic } from './traffic.ts';

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
  readonly maxDraining: number;
  /** Is the traffic known? */
  readonly activity: boolean;
  readonly log: Pick<Log, 'warn'>;
}

/** How much of the traffic tells which routes and targets are in use: up to twice so many `--pin-interval`. */
const TRAFFIC_INTERVALS = 30;
/** A renewal costs nginx some 100 ms of CPU, a request that is not known to it 20 to 80 µs. */
const WORTH_REQUESTS = 100;
const WORTH_SHARE = 0.05;

/** nginx, managed or a sidecar: that differs in NginxHost alone. */
export class NginxAdapter implements Adapter<Rendering, NginxConfiguration> {
  readonly name = 'nginx';
  readonly #options: NginxAdapterOptions;
  readonly #renewal: Renewal | undefined;
  readonly #traffic: Traffic;
  /** Rows of the configuration that was rendered last. */
  #settled: SettledRows | undefined;
  /** Could the table not be rows when it was rendered last? */
  #cannotSettle = false;
  /** Counts the reloads that are for rows and pins alone. */
  #renewals = 0;
  /** `differs`: nginx serves something else than our files should tell it. */
  #disk: 'just read' | 'as we left it' | 'differs' = 'as we left it';
  #version: string | undefined;
  /** Made when asked for, until the table changes. */
  #backends: Promise<ReadonlyMap<string, Backend>> | undefined;

  constructor(options: NginxAdapterOptions) {
    this.#options = options;
    const { pinIntervalMs: intervalMs, maxDraining, pins, host, rollout, onDrift, log } = options;
    this.#traffic = new Traffic(intervalMs * TRAFFIC_INTERVALS);
    if (pins.max === 0 || !host.canReload) return;
    this.#renewal = new Renewal({
      intervalMs,
      maxDraining,
      draining: () => this.draining?.generations,
      sinceReload: () => (rollout.isRunning ? 0 : rollout.last.sinceEnd),
      gain: () => this.#gain(),
      onDue: () => {
        this.#renewals++;
        onDrift('nginx is to know the routes and targets in use, which takes a reload');
      },
      log,
    });
  }

  get version(): string | undefined {
    return this.#version;
  }

  get draining() {
    return drainingOf(this.#options.host.workers());
  }

  get pins() {
    const shareNow = () => this.#share();
    return {
      targets: this.#options.pins.pinned.length,
      get share() {
        const { requests, pinned } = shareNow();
        return requests === 0 ? undefined : pinned / requests;
      },
    };
  }

  used(key: string): void {
    this.#traffic.add(key);
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
    if (plan.full || set.size > 0) this.#renewal?.routesChanged();
  }

  get configured(): string {
    return `${this.#options.table.shapeVersion}.${this.#renewals}`;
  }

  async render(rendering: Rendering, isTrial: boolean): Promise<NginxConfiguration> {
    const { pins, table, marks, host, rollout } = this.#options;
    pins.renew(this.#wantedPins());
    this.#renewal?.renewed();
    // A configuration that is another one after each change of a route is only for an nginx that is reloaded for it.
    this.#settled = this.#renewal && (await settleRows(table.entries()));
    this.#cannotSettle = this.#settled === undefined && table.size > 0;
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

  /** As a rule a route costs no reload, so none has to wait for others. */
  pause(): number {
    return 0;
  }

  backends(): Promise<ReadonlyMap<string, Backend>> {
    this.#backends ??= backendsOf(this.#options.table.entries());
    return this.#backends;
  }

  stop(): void {
    this.#renewal?.stop();
    this.#options.resolver.stop();
    this.#options.control.close();
  }

  readonly #shape = (renderer: RowRenderer) => this.#options.table.shape(renderer, this.#settled);

  #wantedPins(): string[] {
    const { pins, table, lastActivity } = this.#options;
    const counts = this.#traffic.counts();
    return pins.wanted(table.entries(), { requests: (key) => counts.get(key) ?? 0, lastActivity });
  }

  #share() {
    const { pins, table, marks, rollout } = this.#options;
    return shareOf({
      counts: this.#traffic.counts(),
      descriptorOf: (key) => table.get(key),
      isChanged: (key) => !this.#cannotSettle && marks.isChanged(rollout.digest, key),
      isPinned: (origin) => pins.has(origin),
      most: pins.max,
    });
  }

  #gain(): 'none' | 'some' | 'much' {
    const { activity, pins, marks, rollout } = this.#options;
    if (!activity) {
      const isKnown = this.#wantedPins().every((origin) => pins.has(origin));
      return isKnown && (this.#cannotSettle || !marks.anyChanged(rollout.digest)) ? 'none' : 'some';
    }
    const { requests, gain } = this.#share();
    if (gain < WORTH_REQUESTS || gain < requests * WORTH_SHARE) return 'none';
    return gain < 2 * requests * WORTH_SHARE ? 'some' : 'much';
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
      const wanted = plan.full ? undefined : new Map(table.entries());
      resolver.doubt();
      links.open();
      await table.open();
      if (wanted) await table.replace(wanted, plan.generation);
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
