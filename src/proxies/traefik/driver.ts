import { SignalboxError } from '../../errors.ts';
import type { ErrorLog } from '../../process/error-log.ts';
import type { Templates } from '../../render/templates.ts';
import type { Certificates } from '../../rollout/certificates.ts';
import type { TemplateTrial } from '../../rollout/template-trial.ts';
import type { Plan } from '../../routes/plan.ts';
import type { Route } from '../../routes/route.ts';
import type { AccessLog, Backend, Driver, DriverEvents, DriverStatus, Refusal } from '../driver.ts';
import type { BackendAddresses } from './backend-addresses.ts';
import type { Deployment } from './deployment.ts';
import type { DynamicConfig } from './dynamic.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { TemplatesInUse } from './parts.ts';

export interface TraefikDriverOptions {
  readonly config: DynamicConfig;
  readonly templates: TemplateTrial<Templates>;
  readonly inUse: TemplatesInUse;
  /** Renders the static configuration, to see whether that can be done. */
  readonly renderStatic: () => string;
  readonly host: TraefikHost;
  readonly marker: MarkerClient;
  readonly deployment: Deployment;
  readonly addresses: BackendAddresses;
  readonly errorLog: ErrorLog | undefined;
  readonly accessLog: AccessLog | undefined;
  readonly certificates: Certificates;
  /** Puts certificates and TLS options in place. */
  readonly placeTls: () => void;
  readonly refuses: (route: Route) => Refusal | undefined;
  readonly events: DriverEvents;
}

/** The most that changes wait so that others join them, ms. */
const LONGEST_PAUSE_MS = 1_000;
/** After so many changes at once more are on their way, as when a Hub starts: then this long. */
const CROWD = { changes: 20, pauseMs: 500 };

/** Makes Traefik serve the table: one file for all routes, confirmed by a marker in it. */
export class TraefikDriver implements Driver {
  readonly name = 'traefik';
  /** Go turns TCP keepalive on for all of them. */
  readonly mixesConnections = true;
  readonly #options: TraefikDriverOptions;
  /** Is there anything that Traefik may not serve yet, beyond the routes of the next plan? */
  #isBehind = false;
  #lastChanges = 0;

  constructor(options: TraefikDriverOptions) {
    this.#options = options;
  }

  get accessLog(): AccessLog | undefined {
    return this.#options.accessLog;
  }

  refuses(route: Route): Refusal | undefined {
    return this.#options.refuses(route);
  }

  async start(): Promise<void> {
    const { host, config, errorLog, certificates, placeTls, templates, renderStatic } = this.#options;
    await host.prepare();
    // A template that can't be rendered ends the start, unless there are older ones: what runs goes on running.
    templates.check((made) => {
      this.#use(made);
      config.render(0);
      renderStatic();
    });
    errorLog?.start();
    placeTls();
    certificates.watch();
  }

  async apply(plan: Plan): Promise<void> {
    const { config, templates, deployment, certificates, addresses } = this.#options;
    if (plan.full) {
      config.replace(plan.set);
      certificates.check();
      templates.refresh(true);
    } else {
      config.change(plan.set, plan.remove);
    }
    this.#lastChanges = plan.set.length + plan.remove.length;
    const changed = this.#lastChanges > 0;
    const mayBeServed = (plan.full || !changed) && !this.#isBehind;
    this.#isBehind = true;
    await templates.use(async (made, isTrial) => {
      this.#use(made);
      await config.prepare();
      await deployment
        .deploy((revision) => config.render(revision), config.size, { mayBeServed, isTrial })
        .catch((error: unknown) => {
          throw config.blame(error);
        });
    });
    this.#isBehind = false;
    addresses.learn(config.backends());
  }

  async look(): Promise<void> {
    const damage = await this.#options.deployment.findDamage().catch((cause) => {
      throw new SignalboxError('PROXY_DOWN', 'Traefik does not answer', { cause });
    });
    if (damage !== undefined) throw new SignalboxError('PROXY_NOT_CONFIRMED', damage);
  }

  /** Traefik builds all its routers anew for each change: it gets half of its time for other work. */
  pause(): number {
    const { tookMs, sinceMs } = this.#options.deployment.last;
    const crowded = this.#lastChanges >= CROWD.changes ? CROWD.pauseMs : 0;
    return Math.max(0, Math.max(crowded, Math.min(tookMs / 2, LONGEST_PAUSE_MS)) - sinceMs);
  }

  backends(): ReadonlyMap<string, Backend> {
    return this.#options.addresses.resolved();
  }

  status(): DriverStatus {
    const { host, deployment, templates } = this.#options;
    return {
      up: host.up,
      version: host.version?.text,
      reloads: deployment.rebuilds,
      drainingWorkers: undefined,
      restarts: host.restarts,
      templates: { own: templates.own, problem: templates.problem },
    };
  }

  async stop(drainMs: number): Promise<void> {
    const { certificates, addresses, host, errorLog, marker } = this.#options;
    certificates.stop();
    addresses.stop();
    await host.stop(drainMs);
    errorLog?.stop();
    marker.close();
  }

  templatesChanged(): void {
    if (!this.#options.templates.refresh()) return;
    this.#isBehind = true;
    this.#options.events.onDrift('templates changed', false);
  }

  /** Certificates were renewed: Traefik reads them when a file in its folder changes. */
  filesRenewed(reason: string): void {
    this.#options.placeTls();
    this.#isBehind = true;
    this.#options.events.onDrift(reason, false);
  }

  #use(templates: Templates): void {
    const { inUse, config } = this.#options;
    if (inUse.templates === templates) return;
    inUse.templates = templates;
    config.useTemplates(templates);
  }
}
