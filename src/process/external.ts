import { SignalboxError } from '../errors.ts';
import type { ProxyHost } from './proxy-host.ts';

export interface ExternalSpec {
  /** Did it answer the last time? */
  readonly answers: () => boolean;
  /** Rejects when it does not answer. */
  readonly ask: () => Promise<unknown>;
  /** What to say then, and how it may be mended. */
  readonly silent: () => string;
  readonly hint: string;
}

/** A proxy that someone else starts and stops (a sidecar): all that is known of it is whether it answers. */
export class External implements ProxyHost {
  readonly restarts = 0;
  readonly #spec: ExternalSpec;

  constructor(spec: ExternalSpec) {
    this.#spec = spec;
  }

  get up(): boolean {
    return this.#spec.answers();
  }

  /** It may come at any time. */
  async prepare(): Promise<void> {}

  async ensureUp(): Promise<void> {
    const { ask, silent, hint } = this.#spec;
    try {
      await ask();
    } catch (cause) {
      throw new SignalboxError('PROXY_DOWN', silent(), { cause, hint });
    }
  }

  /** Its log is someone else's. */
  takeRefusals(): string[] {
    return [];
  }

  async stop(): Promise<void> {}
}
