import type { FastifyRequest, RouteOptions } from 'fastify';
import { type KeyOptions, keyFromRequestPath, resolvePath } from '../routes/key.ts';
import { rawUrl } from './context.ts';

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
  patternOf(url: string): string {
    const path = resolvePath(url);
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

/** The key that a request to the table or to a route is about: the root for the table's own URL. */
export function keyOf(request: FastifyRequest, options: KeyOptions): string {
  const path = resolvePath(rawUrl(request)) ?? '';
  return keyFromRequestPath(path.slice(TABLE_URL.length), options);
}
