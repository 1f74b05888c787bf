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
  /** The folder where a daemon has the files that are in place. */
  readonly inPlace: string;
  /** Makes texts of different generations comparable. */
  readonly comparable: (text: string) => string;
}

/** The outcome of one look, a line of `signalbox check`. */
export interface CheckLine {
  readonly name: string;
  /** `skipped`: there was nothing to look at. */
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What can be done for a kind of proxy without a daemon, and without touching anything that one uses. */
export interface OfflineProxy {
  readonly catalogue: Catalogue;
  /** What would be written for these routes. */
  render(config: Config, routes: ReadonlyMap<string, OfflineRoute>): Promise<OfflineConfig>;
  /** The program, and what it says of the configuration. */
  check(config: Config): AsyncIterable<CheckLine>;
}
