/** Who runs a proxy: Signalbox itself (managed) or someone else (sidecar). Each kind of proxy adds what it alone has. */
export interface ProxyHost {
  /** Called once, at start. Throws when a later try would fail as well: the program is missing, the port is taken. */
  prepare(): Promise<void>;
  /** Makes sure that the proxy runs; what it runs with is the configuration in place. Throws when it can't. */
  ensureUp(): Promise<void>;
  /** Why the proxy refused what it was given, from its log since the last call; empty where that log can't be read. */
  takeRefusals(): string[];
  readonly up: boolean;
  /** Times a managed proxy died and was started again. */
  readonly restarts: number;
  /** Running requests may end within `drainMs`; a sidecar is left alone. */
  stop(drainMs: number): Promise<void>;
}
