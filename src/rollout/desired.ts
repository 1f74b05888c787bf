/**
 * All that decides which configuration a proxy has to serve, except the settings, which don't change while the daemon runs.
 * While it stays the same there is nothing to render and nothing to roll out.
 */
export interface Desired {
  /** Number of the routes that stand in the configuration; `plan.generation`, or less where the proxy looks routes up by itself. */
  readonly generation: string;
  /** Digest of the set of templates. */
  readonly templates: string;
  /** Digest of the certificates. */
  readonly certificates: string;
}

export function isSame(a: Desired, b: Desired | undefined): boolean {
  return a.generation === b?.generation && a.templates === b.templates && a.certificates === b.certificates;
}
