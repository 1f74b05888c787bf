import type { RouteOptions } from 'fastify';
import { type KeyOptions, keyFromRequestPath, resolvePath } from '../routes/key.ts';

/** The endpoint of the table. */
export const TABLE_URL = '/api/routes';
/** The endpoint of one route. */
export const ROUTE_URL = '/api/routes/:routespec';

const NOWHERE = '/nowhere';

/**
 * Finds the endpoint of a request. Fastify's router must never see the path of a route: it would decode it, limit its
 * length and refuse some. So every request gets the pattern of its endpoint as URL, and the key is taken from the
 * original one.
 */
export class Endpoints {
  readonly #methods = new Map<string, string[]>();

  /** Fastify's onRoute hook. */
  add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    this.#methods.set(url, [...(this.#methods.get(url) ?? []), method].flat());
  }

  /** The pattern of the endpoint that a raw request URL is for, as CHP matches it. */
  patternOf(rawUrl: string): string {
    const path = resolvePath(rawUrl);
    if (path === undefined) return NOWHERE;
    if (path === TABLE_URL || path === `${TABLE_URL}/`) return TABLE_URL;
    if (path.startsWith(`${TABLE_URL}/`)) return ROUTE_URL;
    return this.#methods.has(path) ? path : NOWHERE;
  }

  /** The methods that an endpoint has; empty where none is. */
  methodsOf(pattern: string): readonly string[] {
    return this.#methods.get(pattern) ?? [];
  }
}

/** The key that the URL of a request to the table or to a route names: the root for the table's own URL. */
export function keyOfUrl(rawUrl: string, options: KeyOptions): string {
  const path = resolvePath(rawUrl) ?? '';
  return keyFromRequestPath(path.slice(TABLE_URL.length), options);
}
