/**
 * All that decides which configuration a proxy has to serve, beside the settings, which stay as they are while the daemon runs.
 * As long as none of it changes there is nothing to render and nothing to roll out.
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
