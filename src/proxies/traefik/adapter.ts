import type { Templates } from '../../render/templates.ts';
import { digestOf } from '../../rollout/digest.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import type { Plan } from '../../routes/plan.ts';
import type { Refusal } from '../../routes/refusal.ts';
import type { Route } from '../../routes/route.ts';
import type { Adapter } from '../adapter.ts';
import type { Backend } from '../driver.ts';
import type { BackendAddresses } from './backend-addresses.ts';
import type { DynamicConfig } from './dynamic.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { TraefikConfiguration, TraefikPlacement } from './placement.ts';

export interface TraefikAdapterOptions {
  readonly config: DynamicConfig;
  /** Renders the static configuration, to see whether that can be done. */
  readonly renderStatic: () => string;
  readonly renderTls: (templates: Templates) => string | undefined;
  readonly host: TraefikHost;
  readonly marker: MarkerClient;
  readonly placement: TraefikPlacement;
  readonly rollout: Rollout<TraefikConfiguration>;
  readonly addresses: BackendAddresses;
  readonly refuses: (route: Route) => Refusal | undefined;
}

/** The longest time that changes wait for others to join them, ms. */
const LONGEST_PAUSE_MS = 1_000;
/** After this many changes at once more are expected, as when a Hub starts: then changes wait this long. */
const CROWD = { changes: 20, pauseMs: 500 };

/** Traefik: one file for all routes, which it watches, and a marker in it that shows whether it is served. */
export class TraefikAdapter implements Adapter<Templates, TraefikConfiguration> {
  readonly name = 'traefik';
  /** Go turns TCP keepalive on for all connections. */
  readonly mixesConnections = true;
  readonly #options: TraefikAdapterOptions;
  #generation = 0;
  /** Counts the plans: several with different routes may be of one generation. */
  #plans = 0;
  #lastChanges = 0;
  #learned: ReadonlyMap<string, Backend> | undefined;

  constructor(options: TraefikAdapterOptions) {
    this.#options = options;
  }

  get version(): string | undefined {
    return this.#options.host.version?.text;
  }

  refuses(route: Route): Refusal | undefined {
    return this.#options.refuses(route);
  }

  async open(): Promise<void> {}

  check(templates: Templates): void {
    const { config, renderStatic, renderTls } = this.#options;
    config.useTemplates(templates);
    config.frame()('');
    renderStatic();
    renderTls(templates);
  }

  async take(plan: Plan): Promise<void> {
    const { config } = this.#options;
    this.#generation = plan.generation;
    this.#lastChanges = plan.set.length + plan.remove.length;
    if (plan.full || this.#lastChanges > 0) this.#plans++;
    if (plan.full) config.replace(plan.set);
    else config.change(plan.set, plan.remove);
  }

  get configured(): string {
    return String(this.#plans);
  }

  async render(templates: Templates): Promise<TraefikConfiguration> {
    const { config, renderTls } = this.#options;
    config.useTemplates(templates);
    await config.prepare();
    const frame = config.frame();
    const tls = renderTls(templates);
    const digest = digestOf([String(this.#generation), frame(''), tls ?? '']);
    return { digest, routes: frame(digest), tls, size: config.size };
  }

  blame(error: unknown): unknown {
    return this.#options.config.blame(error);
  }

  async confirm(): Promise<void> {
    const { rollout, config, addresses } = this.#options;
    await rollout.hold();
    const backends = config.backends();
    if (backends !== this.#learned) addresses.learn(backends);
    this.#learned = backends;
  }

  doubt(): void {}

  async look(): Promise<string | undefined> {
    const { marker, rollout, placement, host } = this.#options;
    const served = await marker.look();
    if (served !== rollout.digest)
      return `Traefik serves ${served ?? 'nothing of ours'}, not configuration ${rollout.digest}`;
    return placement.isUntouched() ? await host.leftOut() : 'somebody changed the file with our routes';
  }

  /** Traefik builds all its routers anew for each change, so it is left half of its time for other work. */
  pause(): number {
    const { tookMs, sinceEnd } = this.#options.rollout.last;
    const crowded = this.#lastChanges >= CROWD.changes ? CROWD.pauseMs : 0;
    return Math.max(0, Math.max(crowded, Math.min(tookMs / 2, LONGEST_PAUSE_MS)) - sinceEnd);
  }

  backends(): ReadonlyMap<string, Backend> {
    return this.#options.addresses.resolved();
  }

  stop(): void {
    this.#options.addresses.stop();
    this.#options.marker.close();
  }
}
