/**
 * Names of what we put into Traefik's configuration. All begin with the prefix, so they can't collide with an operator's own in
 * the same folder. A router's name holds the route's key, so that a line of the access log tells the route by itself.
 */
export class Names {
  readonly #prefix: string;
  readonly #entryPoints: readonly string[];

  constructor(prefix: string, entryPoints: readonly string[]) {
    this.#prefix = prefix;
    this.#entryPoints = entryPoints;
  }

  /** Router of a route. */
  route(key: string): string {
    return this.of(`route:${encode(key)}`);
  }

  /** Router between the root and the routes: `node:/user/a`, `node:/user/[a-f]`. */
  node({ text, next }: { text: string; next: { first: string; last: string } | undefined }): string {
    return this.of(`node:${encode(text)}${next ? `[${encode(next.first)}-${encode(next.last)}]` : ''}`);
  }

  /** Service of a target. */
  service(url: string): string {
    return this.of(`to:${encode(url)}`);
  }

  of(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  /**
   * The key in a RouterName of the access log: the routers on the request's way with arrows between, the first with its entry
   * point in front where it has several: `web-signalbox-root@file -> signalbox-route:/user/ada@file`.
   */
  keyOf(routerName: string): string | undefined {
    const last = routerName.slice(routerName.lastIndexOf(' ') + 1).replace(/@[^@]*$/, '');
    const start = this.of('route:');
    for (const lead of ['', ...this.#entryPoints.map((name) => `${name}-`)]) {
      if (last.startsWith(lead + start)) return decode(last.slice(lead.length + start.length));
    }
    return undefined;
  }
}

/** Traefik parts a name from its provider at an @. */
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
