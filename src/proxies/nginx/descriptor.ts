import { formatAddress, parseAddress } from '../../system/address.ts';
import type { Place } from '../addresses.ts';
import type { Target } from './target.ts';

/**
 * How a target is written where nginx reads it: a relative path, because the live table's links point to a directory of that
 * name. The maps in templates/nginx take it apart again:
 *
 *     http/127.0.0.1:9002              an address
 *     https/10.0.0.5:8443,hub/base     an address that a host name was resolved to, that name (for TLS), a path prefix
 *     http/[::1]:80|127.0.0.1:80,app   the addresses of a name that has several, in the order in which they are tried
 *     http/127.0.0.1:9002/base/#       a path prefix that ends in a slash
 *     http/127.0.0.1:9002/base/?k=v    a query in front of the request's
 *     unix/run/app.sock:/base          a unix socket, a path prefix
 *     none  dead  bad                  no route (404), a name that does not resolve (503), an unusable target (500)
 */
export type Descriptor = string;

export const NO_ROUTE: Descriptor = 'none';
export const UNRESOLVED: Descriptor = 'dead';
export const UNUSABLE: Descriptor = 'bad';

/** `addresses` are what the target's host name resolves to, if it has one; without any it does not resolve. */
export function describe(target: Target, addresses?: readonly string[]): Descriptor {
  const rest = target.prefix + (target.slash ? '/#' : '') + (target.query === '' ? '' : `/?${target.query}`);
  if (target.socket !== undefined) return `unix${target.socket}:${rest}`;
  if (addresses?.length === 0) return UNRESOLVED;
  const hosts = (addresses ?? [target.host]).map((host) => formatAddress({ host, port: target.port }));
  const name = addresses === undefined ? '' : `,${target.host}`;
  return `${target.scheme}/${hosts.join('|')}${name}${rest}`;
}

/** The part that says where to connect to: `http/127.0.0.1:9002`, `unix/run/app.sock:`; '' for the special ones. */
export function origin(descriptor: Descriptor): string {
  return /^(?:https?\/[^/]+|unix\/[^:]+:)/.exec(descriptor)?.[0] ?? '';
}

/** Is the way there TLS? */
export function isHttps(descriptor: Descriptor): boolean {
  return descriptor.startsWith('https/');
}

/** An origin as `server` in an upstream block has it: `127.0.0.1:9002`, `unix:/run/app.sock`; the first of several. */
export function upstreamServer(originText: string): string {
  if (originText.startsWith('unix/')) return `unix:${originText.slice(4, -1)}`;
  return (originText.split('/')[1] as string).replace(/[,|].*$/, '');
}

/** A place and its addresses in a descriptor that was resolved; what an earlier daemon knew is better than nothing. */
export function resolvedPlace(descriptor: Descriptor): (Place & { addresses: string[] }) | undefined {
  const [, list = '', name] = /^https?\/([^/,]+),([^/]+)/.exec(descriptor) ?? [];
  const hosts = list.split('|').map(parseAddress);
  const port = hosts[0]?.port;
  if (name === undefined || port === undefined) return undefined;
  return { name, port, addresses: hosts.flatMap((one) => one?.host ?? []) };
}
