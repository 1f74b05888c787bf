/** What Traefik does otherwise than nginx: tests name these, docs/differences-traefik.md is made from them. */
export interface TraefikDifference {
  /** What is asked of the proxy. */
  readonly what: string;
  /** What comes of it with Traefik, and why. */
  readonly traefik: string;
}

export const traefikDifferences = {} satisfies Record<string, TraefikDifference>;

export type TraefikDifferenceId = keyof typeof traefikDifferences;
