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
  /** Writes it where the proxy does not read it, and has it tested. Throws PROXY_REFUSED_CONFIG. `isTrial`: see `Rollout.run`. */
  stage(configuration: C, isTrial: boolean): Promise<void>;
  /** Puts what was staged where the proxy reads it, in one step. */
  place(configuration: C): void;
  /** The proxy serves it: from now on it is the one that `restore` brings back. */
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
  /** Undefined for a proxy that looks by itself for what is in place. */
  readonly reload?: (() => Reload) | undefined;
  /** Why users don't get all of what the proxy shows to serve; undefined when they do. */
  readonly flaw?: () => Promise<string | undefined>;
  /** What may keep the proxy from reading what is in place. */
  readonly silence?: () => string;
  /** Would a refusal be known, from a test or from the proxy's log? */
  readonly hearsRefusals: () => boolean;
  readonly patience: PatienceOptions;
  readonly log: Pick<Log, 'info' | 'error'>;
}

const POLL_MS = 20;

/**
 * Brings one configuration after the other to a proxy, in the same way to every kind of proxy: stage, test, place, tell, and
 * believe it only when the proxy itself shows it. What is refused goes, and the last good one comes back. What is only slow stays.
 */
export class Rollout<C extends Configuration> {
  readonly #options: RolloutOptions<C>;
  readonly #patience: Patience;
  #current: C | undefined;
  /** The last reload, until it is over. One that was not seen in time may still come. */
  #open: { readonly digest: string; readonly reload: Reload; isLate: boolean } | undefined;
  /** Was the last configuration perhaps refused, where that can't be heard? */
  #isSuspect = false;
  #startedAt = 0;
  #endedAt = 0;
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

  /** Of what was put in place last. */
  get digest(): string | undefined {
    return this.#current?.digest;
  }

  /** Of the last configuration that the proxy had to take up: how long that took, and how long ago it began and ended; ms. */
  get last(): { readonly tookMs: number; readonly sinceStart: number; readonly sinceEnd: number } {
    const now = Date.now();
    const tookMs = this.#endedAt - this.#startedAt;
    return { tookMs, sinceStart: now - this.#startedAt, sinceEnd: now - this.#endedAt };
  }

  /** Is what was put in place last still there? */
  isIntact(): boolean {
    return this.#current !== undefined && this.#options.placement.holds(this.#current);
  }

  /**
   * Has the proxy serve `configuration`. `isTrial`: it comes from templates that the proxy has not taken before, and there are older
   * ones. Throws PROXY_REFUSED_CONFIG when the proxy refuses it, and PROXY_NOT_CONFIRMED when it can't be seen to serve it.
   */
  async run(configuration: C, isTrial: boolean): Promise<void> {
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
    // What it said before is about something else.
    host.takeRefusals();
    placement.place(configuration);
    this.#current = configuration;
    if (!reload) this.count++;
  }

  async #isServedWell(configuration: C): Promise<boolean> {
    // While a reload is not over, older workers may serve users, too.
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
    if (reload) log.info({ digest }, `${proxy} was reloaded`);
    const flaw = await this.#flaw();
    if (flaw === undefined) return;
    // Without newer templates to blame it stays: the proxy takes up the rest when its operator mends what is wrong.
    throw isTrial ? this.#refused(flaw) : new SignalboxError('PROXY_NOT_CONFIRMED', flaw);
  }

  /** A proxy that is slow with this configuration is not told of it a second time, which would make it slower. */
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
    // After a second time it is told again: perhaps it never heard.
    if (this.#open?.isLate === true) this.#open = undefined;
    else if (this.#open) this.#open.isLate = true;
    const why = silence ? `: ${silence()}` : '';
    const message = `${proxy} serves ${shown}, not configuration ${digest}${why}`;
    if (!hearsRefusals() && isTrial) return this.#refused(message);
    // One that was told and goes on with what it had may have refused it, and could not be started with it. For a guess no route is blamed.
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
      log.error({}, `could not put the last good configuration back: ${describeError(error)}`);
    }
  }

  /** Until the proxy serves something else, as one that refused it as a whole has done all the time. */
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
