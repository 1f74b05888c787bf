import { SignalboxError } from '../errors.ts';
import type { ErrorLog } from '../process/error-log.ts';
import type { ProxyHost } from '../process/proxy-host.ts';
import type { Certificates } from '../rollout/certificates.ts';
import { type Desired, isSame } from '../rollout/desired.ts';
import type { Configuration, Rollout } from '../rollout/rollout.ts';
import type { TemplateTrial } from '../rollout/template-trial.ts';
import type { Plan } from '../routes/plan.ts';
import type { Refusal } from '../routes/refusal.ts';
import type { Route } from '../routes/route.ts';
import type { Adapter } from './adapter.ts';
import type { AccessLog, Backend, Driver, DriverEvents, DriverStatus } from './driver.ts';

export interface ProxyDriverOptions<T, C extends Configuration> {
  readonly adapter: Adapter<T, C>;
  readonly host: ProxyHost;
  readonly rollout: Rollout<C>;
  readonly templates: TemplateTrial<T>;
  readonly certificates: Certificates;
  /** Puts certificates where the proxy reads them. */
  readonly placePem: () => void;
  readonly errorLog: ErrorLog | undefined;
  readonly accessLog: AccessLog | undefined;
  readonly events: DriverEvents;
}

/** Makes a proxy of any kind serve the table. */
export class ProxyDriver<T, C extends Configuration> implements Driver {
  readonly #options: ProxyDriverOptions<T, C>;
  /** What the proxy has taken; undefined when that is not known, so that everything is rolled out again. */
  #taken: Desired | undefined;

  constructor(options: ProxyDriverOptions<T, C>) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.adapter.name;
  }

  get mixesConnections(): boolean {
    return this.#options.adapter.mixesConnections === true;
  }

  get accessLog(): AccessLog | undefined {
    return this.#options.accessLog;
  }

  refuses(route: Route): Refusal | undefined {
    return this.#options.adapter.refuses(route);
  }

  async start(): Promise<void> {
    const { host, adapter, templates, errorLog, placePem, certificates } = this.#options;
    await host.prepare();
    await adapter.open();
    // Templates that can't be rendered end the start, unless there are older ones. A proxy that runs goes on running.
    templates.check((made) => adapter.check(made));
    errorLog?.start();
    placePem();
    certificates.watch();
  }

  async apply(plan: Plan): Promise<void> {
    const { adapter, certificates, templates, rollout } = this.#options;
    if (plan.full) {
      certificates.check();
      templates.refresh(true);
      if (!rollout.isIntact()) this.#taken = undefined;
    }
    await adapter.take(plan);
    await this.#rollOut();
    try {
      await adapter.confirm(plan.generation);
    } catch (error) {
      if (error instanceof SignalboxError && error.code === 'PROXY_NOT_CONFIRMED') {
        this.#taken = undefined;
        adapter.doubt();
      }
      throw error;
    }
  }

  async look(generation: number): Promise<void> {
    const wrong = await this.#options.adapter.look(generation).catch((cause) => {
      throw new SignalboxError('PROXY_DOWN', `${this.#options.rollout.proxy} does not answer`, { cause });
    });
    if (wrong !== undefined) throw new SignalboxError('PROXY_NOT_CONFIRMED', wrong);
  }

  pause(): number {
    return this.#options.adapter.pause();
  }

  backends(): ReadonlyMap<string, Backend> | Promise<ReadonlyMap<string, Backend>> {
    return this.#options.adapter.backends();
  }

  used(key: string): void {
    this.#options.adapter.used?.(key);
  }

  status(): DriverStatus {
    const { adapter, host, rollout, templates } = this.#options;
    return {
      up: host.up,
      version: adapter.version,
      reloads: rollout.count,
      draining: adapter.draining,
      pins: adapter.pins,
      restarts: host.restarts,
      templates: { own: templates.own, problem: templates.problem },
    };
  }

  templatesChanged(): void {
    const { templates, events } = this.#options;
    if (templates.refresh()) events.onDrift('templates changed', false);
  }

  certificatesRenewed(): void {
    const { placePem, events } = this.#options;
    placePem();
    events.onDrift('certificates were renewed', false);
  }

  async stop(drainMs: number): Promise<void> {
    const { adapter, certificates, host, errorLog } = this.#options;
    certificates.stop();
    adapter.stop();
    await host.stop(drainMs);
    errorLog?.stop();
  }

  async #rollOut(): Promise<void> {
    const { adapter, templates, rollout } = this.#options;
    // Noted before rendering: whatever changes meanwhile asks for another pass.
    const wanted = this.#desired(templates.wanted);
    if (isSame(wanted, this.#taken) && !templates.hasNews) return;
    this.#taken = undefined;
    await templates.use(async (made, isTrial) => {
      const configuration = await adapter.render(made, isTrial);
      try {
        await rollout.run(configuration, isTrial);
      } catch (error) {
        throw adapter.blame(error, made, configuration);
      }
    });
    this.#taken = { ...wanted, templates: templates.taken };
  }

  #desired(templates: string): Desired {
    const { adapter, certificates } = this.#options;
    return { generation: adapter.configured, templates, certificates: certificates.digest };
  }
}
