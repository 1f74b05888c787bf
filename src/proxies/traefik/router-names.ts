import { createHash } from 'node:crypto';

/** YAML takes keys of up to 1,024 characters. */
const LONGEST = 800;

/**
 * Names of what we put into Traefik's configuration. All begin with the prefix, so they can't collide with an operator's own in
 * the same folder. A router's name holds the route's key, so that a line of the access log tells the route by itself.
 */
export class RouterNames {
  readonly #prefix: string;
  readonly #entryPoints: readonly string[];

  constructor(prefix: string, entryPoints: readonly string[]) {
    this.#prefix = prefix;
    this.#entryPoints = entryPoints;
  }

  /** Router of a route. For a very long key the name does not contain it. */
  route(key: string): string {
    return this.#short('route:', encode(key));
  }

  /** Router between the root and the routes: `node:/user/a`, `node:/user/[a-f]`. */
  node({ text, next }: { text: string; next: { first: string; last: string } | undefined }): string {
    return this.#short('node:', encode(text) + (next ? `[${encode(next.first)}-${encode(next.last)}]` : ''));
  }

  /** Service of a target. */
  service(url: string): string {
    return this.#short('to:', encode(url));
  }

  of(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  /**
   * The router of a route in a RouterName of the access log: the routers on the request's way with arrows between, the first with
   * its entry point in front where it has several: `web-signalbox-root@file -> signalbox-route:/user/ada@file`.
   */
  routeIn(routerName: string): string | undefined {
    const last = routerName.slice(routerName.lastIndexOf(' ') + 1).replace(/@[^@]*$/, '');
    const start = this.of('route:');
    const lead = ['', ...this.#entryPoints.map((name) => `${name}-`)].find((text) => last.startsWith(text + start));
    return lead === undefined ? undefined : last.slice(lead.length);
  }

  /** The key in the name of a route's router; undefined when it was too long for one. */
  keyIn(name: string): string | undefined {
    const text = name.slice(this.of('route:').length);
    return text.startsWith('/') ? decode(text) : undefined;
  }

  #short(kind: string, text: string): string {
    const fits = text.length <= LONGEST;
    return this.of(kind + (fits ? text : `~${createHash('sha256').update(text).digest('base64url')}`));
  }
}

/** Traefik separates a name from its provider by an @. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
