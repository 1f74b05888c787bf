import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import type { Log } from '../../system/log.ts';
import type { DynamicFile } from './dynamic-file.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { Parts } from './parts.ts';

export interface DeploymentOptions {
  readonly file: DynamicFile;
  readonly host: TraefikHost;
  readonly marker: MarkerClient;
  readonly rehearse: Parts['rehearse'];
  /** What Traefik may need beyond its work, such as the throttle of its providers, ms. */
  readonly patienceMs: number;
  readonly log: Pick<Log, 'info' | 'error'>;
}

export interface Circumstances {
  /** Perhaps nothing has changed; then nothing is done. */
  readonly mayBeServed: boolean;
  /** It comes from templates that Traefik has not taken before, and there are older ones. */
  readonly isTrial: boolean;
}

/** Between two looks at the marker: at first, and at most. */
const POLL_MS = [4, 20] as const;
/** Traefik builds some 5,000 routers a second on a quiet machine. */
const ROUTER_MS = 2;

/**
 * Puts files in place and believes them only when Traefik answers with their revision and has complained of nothing in them. What
 * it refuses goes, and the last good one comes back. The revision is a number of its own, not the generation, for one
 * generation may be rendered more than once: a renewed certificate, a changed template.
 */
export class Deployment {
  readonly #options: DeploymentOptions;
  #revision = 0;
  /** What was put in place and not believed yet; it may only be slow. */
  #pending: string | undefined;
  #finished = 0;
  #tookMs = 0;
  rebuilds = 0;

  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /** How long the last one took, and since when it has been done; ms. */
  get last(): { tookMs: number; sinceMs: number } {
    return { tookMs: this.#tookMs, sinceMs: Date.now() - this.#finished };
  }

  /** Has Traefik serve what `render` makes. */
  async deploy(
    render: (revision: number) => string,
    routes: number,
    { mayBeServed, isTrial }: Circumstances,
  ): Promise<void> {
    const { file, host, rehearse } = this.#options;
    if (mayBeServed && (await this.#isServed(render))) return;
    const started = Date.now();
    const isOnItsWay =
      this.#pending !== undefined && render(this.#revision) === this.#pending && file.holds(this.#pending);
    if (!isOnItsWay) {
      this.#revision = Math.max(started, this.#revision + 1);
      const text = render(this.#revision);
      if (isTrial) await rehearse?.(text, this.#revision, routes);
      host.takeRefusals();
      file.place(text);
      this.#pending = text;
      this.rebuilds++;
    }
    try {
      await host.ensureUp();
      await this.#confirm(this.#revision, routes);
    } catch (error) {
      if (error instanceof SignalboxError && error.code === 'PROXY_REFUSED_CONFIG') {
        this.#pending = undefined;
        await this.#restore();
      }
      throw error;
    } finally {
      this.#finished = Date.now();
      this.#tookMs = this.#finished - started;
    }
    this.#pending = undefined;
    file.keep();
  }

  /** What is wrong with what Traefik serves, when it was confirmed before; undefined: nothing. Rejects when it does not answer. */
  async findDamage(): Promise<string | undefined> {
    const { file, host, marker } = this.#options;
    const served = await marker.look();
    if (served !== this.#revision)
      return `Traefik serves ${served ?? 'nothing of ours'}, not revision ${this.#revision}`;
    return file.isUntouched() ? await host.leftOut() : 'somebody changed the file with our routes';
  }

  /** Does the Traefik that runs serve the file that lies there, and is it what would be rendered? */
  async #isServed(render: (revision: number) => string): Promise<boolean> {
    const { file, host, marker } = this.#options;
    const served = await marker.served().catch(() => undefined);
    if (served === undefined || !file.holds(render(served))) return false;
    await host.ensureUp();
    if ((await marker.served().catch(() => undefined)) !== served) return false;
    if ((await host.leftOut()) !== undefined) return false;
    this.#revision = Math.max(this.#revision, served);
    return true;
  }

  async #confirm(revision: number, routes: number): Promise<void> {
    const { host, marker, patienceMs } = this.#options;
    const deadline = Date.now() + patienceMs + routes * ROUTER_MS;
    let [pause, most] = POLL_MS as readonly number[] as [number, number];
    for (;;) {
      const served = await marker.served().catch((error: unknown) => describeError(error));
      if (served === revision) break;
      this.#refuse();
      if (!host.up) throw new SignalboxError('PROXY_DOWN', 'Traefik ended while it took its configuration');
      if (Date.now() > deadline) {
        throw new SignalboxError(
          'PROXY_NOT_CONFIRMED',
          `Traefik serves ${served ?? 'nothing of ours'}, not revision ${revision}: ${host.silence()}`,
        );
      }
      await delay(pause);
      pause = Math.min(pause * 1.5, most);
    }
    // Traefik switches one entry point after the other, within microseconds; by a second answer all have it.
    await marker.served().catch(() => undefined);
    this.#refuse();
    const leftOut = await host.leftOut();
    // It stays in place: Traefik takes the routes in when its operator puts right what is wrong.
    if (leftOut !== undefined) throw new SignalboxError('PROXY_NOT_CONFIRMED', leftOut);
  }

  #refuse(): void {
    const refusals = this.#options.host.takeRefusals();
    if (refusals.length === 0) return;
    throw new SignalboxError('PROXY_REFUSED_CONFIG', `Traefik refuses the configuration: ${refusals.join('; ')}`, {
      hint: 'The last good configuration stays in place.',
    });
  }

  async #restore(): Promise<void> {
    const { file, host, marker, log } = this.#options;
    const refused = this.#revision;
    try {
      if (!file.restore()) return;
      const deadline = Date.now() + this.#options.patienceMs;
      for (;;) {
        const served = await marker.served();
        if (served !== undefined && served !== refused) break;
        if (Date.now() > deadline) throw new Error('Traefik does not take it up');
        await delay(POLL_MS[1]);
      }
      host.takeRefusals();
      log.info({}, 'put the last good configuration back');
    } catch (error) {
      log.error({}, `could not put the last good configuration back: ${describeError(error)}`);
    }
  }
}
