import { isIP } from 'node:net';
import type { Refusal } from '../../routes/refusal.ts';
import { leadsToSocket } from '../../routes/unix-target.ts';

/** A target as Traefik connects to it. */
export interface Target {
  /** Scheme, host, port and path, as Go's parser takes them. */
  readonly url: string;
  /** `127.0.0.1:9002`, `[::1]:9002`, `hub:8081`. */
  readonly address: string;
  readonly tls: boolean;
  /** Does the path of the URL go in front of the request's? */
  readonly hasPath: boolean;
}

/** Undefined when it is no URL to proxy to (500, as with configurable-http-proxy); `nowhere` when no server can be there (503). */
export function parseTarget(text: string): Target | 'nowhere' | undefined {
  const parsed = parse(text);
  if (!parsed) return undefined;
  const { scheme, url } = parsed;
  const host = url.hostname;
  if (!isIP(host.replace(/^\[|\]$/g, '')) && !/^[a-z0-9._~!$&'()*+,;=-]+$/.test(host)) return 'nowhere';
  const address = `${host}:${url.port || (scheme === 'https' ? 443 : 80)}`;
  const path = goPath(url.pathname.replace(/\/+$/, ''));
  return { url: `${scheme}://${url.host}${path}`, address, tls: scheme === 'https', hasPath: path !== '' };
}

/** Why Traefik can't proxy to a URL that is otherwise valid. */
export function refusesTarget(text: string): Refusal | undefined {
  if (leadsToSocket(text)) {
    return {
      of: 'target',
      message: 'Traefik can not connect to unix sockets',
      hint: 'Let the backend listen on 127.0.0.1, or use nginx.',
    };
  }
  if (parse(text)?.url.search) {
    return {
      of: 'target',
      message: "Traefik can not put a target's query in front of the request's",
      hint: 'Leave the query out, or use nginx.',
    };
  }
  return undefined;
}

/** Besides http and https there is h2c, HTTP/2 without TLS; the rest of its URL is read like that of http. */
function parse(text: string): { scheme: string; url: URL } | undefined {
  const h2c = /^\s*h2c:(?=\/\/)/i.exec(text)?.[0];
  const url = URL.parse(h2c === undefined ? text : `http:${text.slice(h2c.length)}`);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  return { scheme: h2c === undefined ? url.protocol.slice(0, -1) : 'h2c', url };
}

/** A percent sign that begins no escape means itself in a URL; Go rejects such a path. */
function goPath(path: string): string {
  return path.replace(/%(?![0-9a-f]{2})/gi, '%25');
}
