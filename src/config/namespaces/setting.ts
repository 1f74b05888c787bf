import type { Scope } from '../../routes/scope.ts';

/** A part of the table with a token of its own: a host, a host and a path, a path, or a domain. */
export interface NamespaceSetting {
  readonly name: string;
  readonly tokenFile: { readonly path: string; readonly place: string };
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly domain: string | undefined;
  readonly maxRoutes: number | undefined;
  /** What of the table that is. */
  readonly scope: Scope;
}
