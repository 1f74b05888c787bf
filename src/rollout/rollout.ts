import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../errors.ts';
import type { ProxyHost } from '../process/proxy-host.ts';
import type { Log } from '../system/log.ts';
import { Patience, type PatienceOptions } from './patience.ts';
import { type Reload, untilServed } from './until-served.ts';

/** What a proxy is given. */
export interface Configuration {
  /** The proxy answers with it when it serves this configuration. */
  readonly digest: string;
  /** Number of the routes in it; the proxy needs time for each. */
  readonly size: number;
}

/** Where a proxy reads its configuration. */
export interface Placement<C extends Configuration> {
  /** Is exactly this one there? */
  holds(configuration: C): boolean;
  /** Writes it to where the proxy does not read it, and tests it. Throws PROXY_REFUSED_CONFIG. `isTrial`: see `Rollout.run`. */
  stage(configuration: C, isTrial: boolean): Promise<void>;
  /** Puts what was staged where the proxy reads it, in one step. */
  place(configuration: C): void;
  /** Called when the proxy serves it: `restore` brings this one back from now on. */
  keep(configuration: C): void;
  /** Brings back the one that was kept last; false when there is none. */
  restore(): boolean;
}

export interface RolloutOptions<C extends Configuration> {
  /** As messages call it. */
  readonly proxy: string;
  readonly host: Pick<ProxyHost, 'up' | 'ensureUp' | 'takeRefusals'>;
  readonly placement: Placement<C>;
  /** The digest of what the proxy serves to a new connection; undefined when it answers and has nothing of ours. */
  readonly served: () => Promise<string | undefined>;
  /** Undefined for a proxy that watches its files by itself. */
  readonly reload?: (() => Reload) | undefined;
  /** Why a part of the configuration that the proxy serves has no effect; undefined when all of it has. */
  readonly flaw?: () => Promise<string | undefined>;
  /** Possible reasons why the proxy does not read what is in place. */
  readonly silence?: () => string;
  /** Would a refusal become known, from a test or from the proxy's log? */
  readonly hearsRefusals: () => boolean;
  readonly patience: PatienceOptions;
  readonly log: Pick<Log, 'info' | 'error'>;
}

const POLL_MS = 20;

/**
 * Rolls out one configuration after the other, the same way for every kind of proxy: stage, test, place, reload, and confirm that
 * the proxy itself shows it. When it is refused, the last good one is restored. When the proxy is only slow, it stays in place.
 */
export class Rollout<C extends Configuration> {
  readonly #options: RolloutOptions<C>;
  readonly #patience: Patience;
  #current: C | undefined;
  /** The last reload, until it is over. A late one may still succeed. */
  #open: { readonly digest: string; readonly reload: Reload; isLate: boolean } | undefined;
  /** May the last configuration have been refused without our knowing? */
  #isSuspect = false;
  #startedAt = 0;
  #endedAt = 0;
  /** Is a configuration being rolled out? */
  isRunning = false;
  /** Reloads; of a proxy that needs none, new configurations. */
  count = 0;

  constructor(options: RolloutOptions<C>) {
    this.#options = options;
    this.#patience = new Patience(options.patience);
  }

  /** As messages call it. */
  get proxy(): string {
    return this.#options.proxy;
  }

  /** Digest of what was put in place last. */
  get digest(): string | undefined {
    return this.#current?.digest;
  }

  /** Of the last configuration that the proxy had to take up: how long that took, and how long ago it ended; ms. */
  get last(): { readonly tookMs: number; readonly sinceEnd: number } {
    return { tookMs: this.#endedAt - this.#startedAt, sinceEnd: Date.now() - this.#endedAt };
  }

  /** Is what was put in place last still there? */
  isIntact(): boolean {
    return this.#current !== undefined && this.#options.placement.holds(this.#current);
  }

  /**
   * Has the proxy serve `configuration`. `isTrial`: its templates are new to the proxy, and there are older ones to go back to.
   * Throws PROXY_REFUSED_CONFIG when the proxy refuses it, and PROXY_NOT_CONFIRMED when the proxy does not show it.
   */
  async run(configuration: C, isTrial: boolean): Promise<void> {
    this.isRunning = true;
    try {
      await this.#run(configuration, isTrial);
    } finally {
      this.isRunning = false;
    }
  }

  async #run(configuration: C, isTrial: boolean): Promise<void> {
    const { placement, host } = this.#options;
    if (placement.holds(configuration)) {
      this.#current = configuration;
      await host.ensureUp();
      if (await this.#isServedWell(configuration)) return placement.keep(configuration);
    } else await this.#place(configuration, isTrial);
    this.#startedAt = Date.now();
    this.#isSuspect = false;
    try {
      await host.ensureUp();
      await this.#confirm(configuration, isTrial);
    } catch (error) {
      if (isRefusal(error) || this.#isSuspect) await this.#restore(configuration);
      throw error;
    } finally {
      this.#endedAt = Date.now();
    }
    placement.keep(configuration);
  }

  /** Waits until the proxy, which may have been started anew, serves what is in place. */
  async hold(): Promise<void> {
    await this.#options.host.ensureUp();
    if (this.#current) await this.#confirm(this.#current, false);
  }

  async #place(configuration: C, isTrial: boolean): Promise<void> {
    const { placement, host, reload } = this.#options;
    await placement.stage(configuration, isTrial);
    // Earlier refusals are about something else.
    host.takeRefusals();
    placement.place(configuration);
    this.#current = configuration;
    if (!reload) this.count++;
  }

  async #isServedWell(configuration: C): Promise<boolean> {
    // Until a reload is over, older workers may serve users too.
    if (this.#open?.digest === configuration.digest) return false;
    return (await this.#isServed(configuration)) && (await this.#flaw()) === undefined;
  }

  #isServed({ digest }: C): Promise<boolean> {
    return this.#options.served().then(
      (served) => served === digest,
      () => false,
    );
  }

  async #confirm(configuration: C, isTrial: boolean): Promise<void> {
    const { proxy, log } = this.#options;
    const { digest, size } = configuration;
    const reload = await this.#tell(configuration);
    const patienceMs = this.#patience.ms(size);
    const shown = await untilServed({
      digest,
      served: this.#options.served,
      reload,
      check: () => this.#check(),
      patienceMs,
    });
    if (shown !== undefined) throw this.#tooLate(shown, configuration, isTrial);
    this.#open = undefined;
    this.#patience.wasEnough();
    this.#check();
    if (reload) log.info({ event: 'reload', digest }, `${proxy} was reloaded`);
    const flaw = await this.#flaw();
    if (flaw === undefined) return;
    // If no new templates are to blame it stays: the proxy takes up the rest when its operator has mended the cause.
    throw isTrial ? this.#refused(flaw) : new SignalboxError('PROXY_NOT_CONFIRMED', flaw);
  }

  /** Reloads the proxy, unless a reload for this configuration is still open: another one would make a slow proxy slower. */
  async #tell(configuration: C): Promise<Reload | undefined> {
    const { digest } = configuration;
    if (this.#open?.digest === digest) return this.#open.reload;
    const { reload, host } = this.#options;
    if (!reload || (await this.#isServed(configuration))) return undefined;
    host.takeRefusals();
    this.#startedAt = Date.now();
    this.count++;
    const open = { digest, reload: reload(), isLate: false };
    this.#open = open;
    open.reload.told.catch(() => {
      if (this.#open === open) this.#open = undefined;
    });
    return open.reload;
  }

  #tooLate(shown: string, { digest }: C, isTrial: boolean): SignalboxError {
    const { proxy, silence, hearsRefusals, reload } = this.#options;
    this.#patience.wasTooShort();
    if (shown === digest) {
      return new SignalboxError('PROXY_NOT_CONFIRMED', `of ${proxy} something older still takes requests`);
    }
    // When it is late for the second time, it is told again: the signal may have been lost.
    if (this.#open?.isLate === true) this.#open = undefined;
    else if (this.#open) this.#open.isLate = true;
    const why = silence ? `: ${silence()}` : '';
    const message = `${proxy} serves ${shown}, not configuration ${digest}${why}`;
    if (!hearsRefusals() && isTrial) return this.#refused(message);
    // A proxy that was told and still serves the old one may have refused it, and would not start with it. As that is a guess, no
    // route is blamed.
    this.#isSuspect = !hearsRefusals() && reload !== undefined;
    return new SignalboxError('PROXY_NOT_CONFIRMED', message);
  }

  #check(): void {
    const { host, proxy } = this.#options;
    const refusals = host.takeRefusals();
    if (refusals.length > 0) throw this.#refused(refusals.join('; '));
    if (!host.up) throw new SignalboxError('PROXY_DOWN', `${proxy} ended while it took up its configuration`);
  }

  #refused(why: string): SignalboxError {
    return new SignalboxError('PROXY_REFUSED_CONFIG', `${this.#options.proxy} refuses the configuration: ${why}`, {
      hint: 'The last good configuration stays in place.',
    });
  }

  async #flaw(): Promise<string | undefined> {
    return await this.#options.flaw?.();
  }

  async #restore(refused: C): Promise<void> {
    const { placement, log } = this.#options;
    this.#open = undefined;
    this.#current = undefined;
    try {
      if (!placement.restore()) return;
      await this.#untilGone(refused);
      log.info({}, 'put the last good configuration back');
    } catch (error) {
      log.error({ event: 'failure' }, `could not put the last good configuration back: ${describeError(error)}`);
    }
  }

  /** Waits until the proxy does not serve `refused`; one that refused all of it never did. */
  async #untilGone(refused: C): Promise<void> {
    const { host, served, reload, proxy } = this.#options;
    await host.ensureUp();
    const isGone = () => served().then((digest) => digest !== undefined && digest !== refused.digest);
    if (!(await isGone().catch(() => false))) await reload?.().told;
    const deadline = Date.now() + this.#patience.ms(refused.size);
    while (!(await isGone())) {
      if (Date.now() > deadline) throw new Error(`${proxy} does not take it up`);
      await delay(POLL_MS);
    }
    host.takeRefusals();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof SignalboxError && error.code === 'PROXY_REFUSED_CONFIG';
}
