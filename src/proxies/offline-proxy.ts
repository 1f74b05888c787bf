import type { Config } from '../config/schema.ts';
import type { Catalogue } from '../render/catalogue.ts';

/** A route as GET /api/routes gives it. */
export interface OfflineRoute {
  readonly target: string;
  readonly last_activity?: string;
}

/** What a proxy would be given. */
export interface OfflineConfig {
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** The folder where a daemon keeps these files. */
  readonly inPlace: string;
  /** Removes what differs between generations, so that texts can be compared. */
  readonly comparable: (text: string) => string;
}

/** One line of `signalbox check`. */
export interface CheckLine {
  readonly name: string;
  /** `skipped`: there was nothing to look at. */
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What can be done for a kind of proxy without a daemon, and without touching a running one's files. */
export interface OfflineProxy {
  readonly catalogue: Catalogue;
  /** What would be written for these routes. */
  render(config: Config, routes: ReadonlyMap<string, OfflineRoute>): Promise<OfflineConfig>;
  /** Looks at the program, and has it check the configuration. */
  check(config: Config): AsyncIterable<CheckLine>;
}
