import type { FastifyRequest } from 'fastify';
import { isLoopback } from '../system/address.ts';

/** Did a page of ours send it, one of our own origin? `publicUrl`: where we are, behind a proxy that changes Host. */
export function isOurs({ headers }: FastifyRequest, publicUrl: URL | undefined): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const origin = URL.parse(headers.origin ?? '');
  if (origin === null) return false;
  return origin.origin === publicUrl?.origin || origin.host === headers.host?.toLowerCase();
}

/**
 * Is that one of our names? Whoever has a name of their own lead to 127.0.0.1 (DNS rebinding) would else have browsers take our
 * pages for theirs.
 */
export function isOurHost(host: string | undefined, names: readonly string[], publicUrl: URL | undefined): boolean {
  const found = URL.parse(`http://${host ?? ''}`);
  if (found === null || found.pathname !== '/' || found.username !== '') return false;
  if (host?.toLowerCase() === publicUrl?.host) return true;
  const name = found.hostname.replace(/^\[(.*)\]$/, '$1');
  return names.some((one) => (one === 'loopback' ? isLoopback(name) : one.toLowerCase() === name));
}

/** Does the browser speak https with whoever is in front? `known`: where that is certain; else the proxies say it of each request. */
export function isHttps({ headers }: FastifyRequest, known: boolean | undefined): boolean {
  // The first one is what the browser itself has spoken. Who makes it up changes their own cookie alone.
  return known ?? /^https\b/i.test(`${headers['x-forwarded-proto'] ?? ''}`);
}
