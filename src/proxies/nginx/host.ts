import type { Worker } from './workers.ts';

/** Who runs nginx: Signalbox itself (managed) or someone else (sidecar). */
export interface NginxHost {
  /** Called once, at start: throws what no later try would mend, such as a missing program or a taken port. */
  prepare(): Promise<void>;
  /** Makes sure that nginx runs; what it runs with is the configuration in place. Throws when it can't. */
  ensureUp(): Promise<void>;
  /** False for a sidecar that someone else reloads. */
  readonly canReload: boolean;
  /** Has nginx read the configuration in place; returns before it has. */
  reload(): Promise<void>;
  /** Tests a configuration that isn't in place yet; a reason to refuse it, or undefined. */
  test(configFile: string): Promise<string | undefined>;
  /** The workers, as far as they can be seen. */
  workers(): Worker[] | undefined;
  /** Lines that nginx wrote into its error log, from `emerg` on, since the last call. */
  lastErrors(): string[];
  readonly up: boolean;
  readonly restarts: number;
  stop(drainMs: number): Promise<void>;
}
