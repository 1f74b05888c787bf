import type { TraefikVersion } from './version.ts';

/** Who runs Traefik: Signalbox itself (managed) or someone else (sidecar). */
export interface TraefikHost {
  /** Called once, at start: throws what no later try would mend, such as a taken port. */
  prepare(): Promise<void>;
  /** Makes sure that Traefik runs; what it serves is the file in place. Throws when it can't. */
  ensureUp(): Promise<void>;
  /** What Traefik wrote since the last call about files and routers that it can't use; nothing where its log can't be read. */
  takeRefusals(): string[];
  /** Why Traefik left our routes out of the file that it serves; undefined where it did not, or where `takeRefusals` tells. */
  leftOut(): Promise<string | undefined>;
  /** Why it may be that Traefik does not take our file up. */
  silence(): string;
  readonly up: boolean;
  readonly version: TraefikVersion | undefined;
  readonly restarts: number;
  stop(drainMs: number): Promise<void>;
}
