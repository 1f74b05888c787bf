/** Who runs a proxy: Signalbox itself (managed) or someone else (sidecar). Each kind of proxy adds what it alone has. */
export interface ProxyHost {
  /** Called once, at start: throws what no later try would mend, such as a missing program or a taken port. */
  prepare(): Promise<void>;
  /** Makes sure that the proxy runs; what it runs with is the configuration in place. Throws when it can't. */
  ensureUp(): Promise<void>;
  /** What the proxy wrote into its log since the last call about what it was given and can't use; nothing where that can't be read. */
  takeRefusals(): string[];
  readonly up: boolean;
  /** Times a managed proxy died and was started again. */
  readonly restarts: number;
  /** Running requests may end within `drainMs`; a sidecar is left alone. */
  stop(drainMs: number): Promise<void>;
}
