import { SignalboxError } from '../../errors.ts';
import type { ErrorLog } from '../../process/error-log.ts';
import type { Certificates } from '../../rollout/certificates.ts';
import type { TemplateTrial } from '../../rollout/template-trial.ts';
import type { Plan } from '../../routes/plan.ts';
import type { Route } from '../../routes/route.ts';
import { Breather } from '../../system/breather.ts';
import { guarded } from '../../system/guarded.ts';
import type { Log } from '../../system/log.ts';
import type { Addresses, Place } from '../addresses.ts';
import type { AccessLog, Backend, Driver, DriverEvents, DriverStatus, Refusal } from '../driver.ts';
import { backendsOf } from './backends.ts';
import type { Control, Served } from './control.ts';
import { deployTemplates } from './deploy-templates.ts';
import type { Deployment } from './deployment.ts';
import { type Descriptor, describe, NO_ROUTE, resolvedPlace, UNUSABLE } from './descriptor.ts';
import type { NginxHost } from './host.ts';
import type { Links } from './links.ts';
import { Names } from './names.ts';
import type { Pins } from './pins.ts';
import type { Rendering } from './rendering.ts';
import type { NginxTable } from './table.ts';
import { parseTarget, placeOf, type Target } from './target.ts';

export interface NginxDriverOptions {
  table: NginxTable;
  host: NginxHost;
  control: Control;
  deployment: Deployment;
  links: Links;
  pins: Pins;
  addresses: Addresses;
  errorLog: ErrorLog | undefined;
  accessLog: AccessLog | undefined;
  certificates: Certificates;
  /** Puts copies of the certificates where nginx reads them. */
  placeTls: () => void;
  errorTarget: Target | undefined;
  /** Why nginx can't connect to a unix socket; undefined when it can, or nobody knows. */
  shutOut: (socket: string) => string | undefined;
  /** Why such a route can't be held by the table. */
  refuses: (route: Route) => Refusal | undefined;
  templates: TemplateTrial<Rendering>;
  lastActivity: (key: string) => number;
  events: DriverEvents;
  pinIntervalMs: number;
  minReloadIntervalMs: number;
  log: Pick<Log, 'info' | 'warn'>;
}

/** Routes that never come to rest get their pins after this many pin intervals all the same. */
const PIN_AT_LATEST = 360;

/** However many workers drain, a change must be served within --apply-timeout. */
const MOST_APART_MS = 5_000;

/** Makes nginx serve the table. The two tables differ in NginxTable alone, managed and sidecar in NginxHost alone. */
export class NginxDriver implements Driver {
  readonly name = 'nginx';
  readonly #options: NginxDriverOptions;
  readonly #names = new Names();
  #moved: readonly Place[] = [];
  /** The shape that the configuration in place was rendered from; undefined: render. */
  #deployedShape: number | undefined;
  #pinTimer: NodeJS.Timeout | undefined;
  readonly #lookAtPins: () => void;
  #unpinnedSince: number | undefined;
  /** Is the table the one on disk? True when it was just read, undefined when it is known to differ. */
  #asOnDisk: boolean | undefined = false;
  #nginxVersion: string | undefined;
  /** Where the error target's link points; undefined: nobody knows. */
  #errorDescriptor: Descriptor | undefined;
  /** Made when asked for, until the table changes. */
  #backends: ReadonlyMap<string, Backend> | undefined;

  constructor(options: NginxDriverOptions) {
    this.#options = options;
    this.#lookAtPins = guarded(options.log, 'a look at the targets to pin', () => this.#considerPins());
  }

  get accessLog(): AccessLog | undefined {
    return this.#options.accessLog;
  }

  refuses(route: Route): Refusal | undefined {
    return this.#options.refuses(route);
  }

  async start(): Promise<void> {
    const { table, links, errorLog, host } = this.#options;
    await host.prepare();
    links.open();
    await table.open();
    this.#asOnDisk = true;
    // A template that can't be rendered ends the start, unless there are older ones: what runs goes on running.
    this.#options.templates.check((rendering) => rendering.configOf((renderer) => table.shape(renderer), []));
    errorLog?.start();
    this.#options.placeTls();
    this.#options.certificates.watch();
    // What an earlier daemon resolved is good until DNS says otherwise, and all there is while DNS is down.
    for (const [, descriptor] of table.entries()) {
      const known = resolvedPlace(descriptor);
      if (known) this.#options.addresses.seed(known, known.addresses);
    }
  }

  async apply(plan: Plan): Promise<void> {
    const moved = this.#moved;
    // What moves from here on is for the next pass.
    this.#moved = [];
    try {
      await this.#apply(plan, moved);
    } catch (error) {
      this.#moved = [...moved, ...this.#moved];
      throw error;
    }
  }

  async #apply(plan: Plan, moved: readonly Place[]): Promise<void> {
    const { table, host, control } = this.#options;
    await this.#lookAtDisk(plan);
    const targets = await this.#targets(plan, moved);
    const set = new Map<string, Descriptor>();
    const breather = new Breather();
    for (const [key, target] of targets) {
      set.set(key, this.#describe(target));
      if (breather.isDue) await breather.rest();
    }
    if (plan.full) await table.replace(set, plan.generation);
    else await table.change(set, plan.remove, plan.generation);
    this.#backends = undefined;
    this.#forgetNames();

    if (this.#deployedShape !== table.shapeVersion) await this.#deploy();
    else await host.ensureUp();
    const served = await control.served(plan.generation);
    this.#nginxVersion = served.nginx;
    const wrong = this.#whatIsWrong(served, plan.generation);
    if (wrong !== undefined) {
      this.#deployedShape = undefined;
      this.#asOnDisk = undefined;
      throw notConfirmed(wrong);
    }
    if (plan.full || set.size > 0) this.#armPins();
  }

  async look(generation: number): Promise<void> {
    const { control, table } = this.#options;
    // A new connection: a worker that hangs must not be the only one that is asked, nor one that drains.
    const served = await control.look(generation).catch((cause) => {
      throw new SignalboxError('PROXY_DOWN', 'nginx does not answer on its control socket', { cause });
    });
    const wrong = this.#whatIsWrong(served, generation) ?? table.findDamage();
    if (wrong !== undefined) throw notConfirmed(wrong);
  }

  /** Reloads are held apart, the more so the more workers of earlier ones still drain; live needs none for a route. */
  pause(): number {
    const { minReloadIntervalMs, deployment, table } = this.#options;
    if (!table.reloadsForRoutes) return 0;
    const crowded = minReloadIntervalMs * (1 + (this.#draining() ?? 0) / 4);
    const interval = Math.max(minReloadIntervalMs, Math.min(crowded, MOST_APART_MS));
    return Math.max(0, interval - deployment.sinceReload);
  }

  backends(): ReadonlyMap<string, Backend> {
    this.#backends ??= backendsOf(this.#options.table.entries());
    return this.#backends;
  }

  status(): DriverStatus {
    const { host, deployment, templates } = this.#options;
    return {
      up: host.up,
      version: this.#nginxVersion,
      reloads: deployment.reloads,
      drainingWorkers: this.#draining(),
      restarts: host.restarts,
      templates: { own: templates.own, problem: templates.problem },
    };
  }

  async stop(drainMs: number): Promise<void> {
    clearTimeout(this.#pinTimer);
    this.#options.certificates.stop();
    this.#options.addresses.stop();
    await this.#options.host.stop(drainMs);
    this.#options.errorLog?.stop();
    this.#options.control.close();
  }

  templatesChanged(): void {
    if (this.#options.templates.refresh()) this.#deployAnew('templates changed');
  }

  /** Certificates were renewed: nginx reads them at a reload alone. */
  filesRenewed(reason: string): void {
    this.#options.placeTls();
    this.#deployAnew(reason);
  }

  #deployAnew(reason: string): void {
    this.#deployedShape = undefined;
    this.#options.events.onDrift(reason, false);
  }

  /** Host names that moved: their routes come again with the next pass. */
  addressesMoved(places: readonly Place[]): void {
    this.#moved = [...this.#moved, ...places];
    const [first, ...others] = new Set(places.map(({ name }) => name));
    const more = others.length > 0 ? ` and those of ${others.length} more names` : '';
    this.#options.events.onDrift(`the address of ${first}${more} moved`, false);
  }

  #whatIsWrong({ generation, version }: Served, wanted: number): string | undefined {
    const { deployment } = this.#options;
    if (version !== deployment.version) return `nginx runs configuration ${version}, not ${deployment.version}`;
    return generation === wanted ? undefined : `nginx does not serve generation ${wanted}`;
  }

  /**
   * Someone may have been at our files. They are read again when the whole table is asked for (SIGHUP among the reasons) and
   * when nginx serves something else than they should say; what they lack comes back.
   */
  async #lookAtDisk(plan: Plan): Promise<void> {
    const { table, links, deployment, certificates } = this.#options;
    if (this.#asOnDisk === undefined || (plan.full && !this.#asOnDisk)) {
      const wanted = new Map(table.entries());
      this.#errorDescriptor = undefined;
      links.open();
      await table.open();
      if (!plan.full) await table.replace(wanted, plan.generation);
    }
    this.#asOnDisk = false;
    if (plan.full) certificates.check();
    if (plan.full && this.#options.templates.refresh(true)) this.#deployedShape = undefined;
    if (plan.full && !deployment.isIntact()) this.#deployedShape = undefined;
  }

  async #deploy(): Promise<void> {
    const { table, pins, lastActivity } = this.#options;
    const version = table.shapeVersion;
    pins.renew(pins.wanted(table.entries(), lastActivity));
    this.#unpinnedSince = undefined;
    // Said before: what changes meanwhile (templates, certificates) takes it back, and asks for one more deployment.
    this.#deployedShape = version;
    try {
      await deployTemplates(this.#options, pins.pinned);
    } catch (error) {
      this.#deployedShape = undefined;
      throw error;
    }
  }

  /** The targets of the plan and of everything whose host name moved; names that are new are looked up. */
  async #targets(plan: Plan, moved: readonly Place[]): Promise<Map<string, Target | undefined>> {
    if (plan.full) this.#names.clear();
    for (const key of plan.remove) this.#names.delete(key);
    const targets = new Map<string, Target | undefined>();
    const breather = new Breather();
    for (const { key, target } of plan.set) {
      const parsed = parseTarget(target);
      if (!parsed)
        this.#options.log.warn({ key }, `target ${JSON.stringify(target)} is no URL to proxy to: its requests get 500`);
      const reason = parsed?.socket === undefined ? undefined : this.#options.shutOut(parsed.socket);
      if (reason !== undefined)
        this.#options.log.warn(
          { key, reason },
          'the unix socket of a target cannot be connected to: its requests get 503',
        );
      this.#names.set(key, parsed);
      targets.set(key, parsed);
      if (breather.isDue) await breather.rest();
    }
    for (const [key, target] of this.#names.using(moved)) targets.set(key, target);
    await this.#lookUp([...targets.values(), this.#options.errorTarget]);
    this.#pointErrorTarget();
    return targets;
  }

  async #lookUp(targets: (Target | undefined)[]): Promise<void> {
    const places = targets.map((target) => target && placeOf(target)).filter((place) => place !== undefined);
    if (places.length > 0) await this.#options.addresses.ensure(places);
  }

  #describe(target: Target | undefined): Descriptor {
    if (!target) return UNUSABLE;
    const place = placeOf(target);
    return describe(target, place && this.#options.addresses.get(place));
  }

  #forgetNames(): void {
    const { addresses, errorTarget } = this.#options;
    const error = errorTarget && placeOf(errorTarget);
    addresses.retain((place) => this.#names.has(place) || (place.name === error?.name && place.port === error.port));
  }

  #draining(): number | undefined {
    return this.#options.host.workers()?.filter(({ draining }) => draining).length;
  }

  /** Routes changed: pins are looked at when they have come to rest. */
  #armPins(): void {
    const { pinIntervalMs } = this.#options;
    this.#unpinnedSince ??= Date.now();
    const overdue = Date.now() - this.#unpinnedSince > pinIntervalMs * PIN_AT_LATEST;
    if (this.#pinTimer && overdue) return;
    clearTimeout(this.#pinTimer);
    this.#pinTimer = setTimeout(this.#lookAtPins, pinIntervalMs);
    this.#pinTimer.unref();
  }

  /** Never while an earlier worker drains, so that pins alone never cost more than one extra worker; unseen: never. */
  #considerPins(): void {
    this.#pinTimer = undefined;
    const { pins, table, lastActivity, events } = this.#options;
    if (this.#draining() !== 0) {
      this.#armPins();
      return;
    }
    if (!pins.isWorthReload(pins.wanted(table.entries(), lastActivity))) {
      this.#unpinnedSince = undefined;
      return;
    }
    this.#deployedShape = undefined;
    events.onDrift('nginx is to keep connections to backends in use, which takes a reload', false);
  }

  #pointErrorTarget(): void {
    const { errorTarget, links } = this.#options;
    const descriptor = errorTarget ? this.#describe(errorTarget) : NO_ROUTE;
    if (descriptor === this.#errorDescriptor) return;
    links.point('e', descriptor);
    this.#errorDescriptor = descriptor;
  }
}

function notConfirmed(message: string): SignalboxError {
  return new SignalboxError('PROXY_NOT_CONFIRMED', message, {
    hint: 'Does nginx see the state folder under the same path?',
  });
}
