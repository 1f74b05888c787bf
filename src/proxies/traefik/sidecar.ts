import { describeError, SignalboxError } from '../../errors.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { TraefikVersion } from './version.ts';

export interface SidecarOptions {
  readonly marker: MarkerClient;
  readonly version: TraefikVersion | undefined;
  /** Traefik came, went, or serves something else than it did. */
  readonly onChange: (reason: string) => void;
}

const LOOK_MS = 1_000;

/** A Traefik that someone else starts and stops. It is looked at through our marker alone. */
export class SidecarTraefik implements TraefikHost {
  readonly restarts = 0;
  readonly version: TraefikVersion | undefined;
  readonly #options: SidecarOptions;
  #up = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SidecarOptions) {
    this.#options = options;
    this.version = options.version;
  }

  get up(): boolean {
    return this.#up;
  }

  /** It may come at any time. */
  async prepare(): Promise<void> {}

  async ensureUp(): Promise<void> {
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    try {
      await this.#options.marker.served();
      this.#up = true;
    } catch (error) {
      this.#up = false;
      throw new SignalboxError('PROXY_DOWN', `Traefik does not answer at ${this.#options.marker.url}`, {
        cause: error,
        hint: 'Start it, or name an entry point of it that Signalbox can reach with --traefik-url.',
        retryable: true,
      });
    }
  }

  /** Its log is someone else's. */
  takeRefusals(): string[] {
    return [];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const before = this.#up;
    const answer = await this.#options.marker.served().catch((error: unknown) => describeError(error));
    this.#up = typeof answer !== 'string';
    if (this.#up === before) return;
    this.#options.onChange(this.#up ? 'Traefik answers' : `Traefik is gone: ${answer}`);
  }
}
