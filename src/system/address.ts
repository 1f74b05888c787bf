import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Where to listen. */
export interface HostPort {
  /** A name, an IPv4 address, an IPv6 address without brackets, or `*` for all interfaces. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Reads `HOST:PORT`, `[v6]:PORT`, `:PORT` and `*:PORT`; undefined when the text is none of them. */
export function parseAddress(text: string): HostPort | undefined {
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const port = Number(parts.port);
  if (port > 65535) return undefined;
  const { v6, name = '' } = parts;
  if (v6 !== undefined) return isIPv6(v6) && !v6.includes('%') ? { host: v6, port } : undefined;
  if (name === '' || name === '*') return { host: '*', port };
  return isHostName(name) ? { host: name, port } : undefined;
}

/** The address as parseAddress reads it. */
export function formatAddress({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Can only processes of this machine connect to a listener there? */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  if (isIPv4(host)) return loopback.check(host, 'ipv4');
  return isIPv6(host) && loopback.check(host, 'ipv6');
}

/** Would two listeners on these conflict? A port 0 never does. */
export function clash(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  if (a.host.toLowerCase() === b.host.toLowerCase() || isWildcard(a.host) || isWildcard(b.host)) return true;
  // localhost may be 127.0.0.1 or ::1 or both
  const named = [a.host, b.host].some((host) => host.toLowerCase() === 'localhost');
  return named && isLoopback(a.host) && isLoopback(b.host);
}

function isWildcard(host: string): boolean {
  return isEverywhere(host) || host === '0.0.0.0';
}

/** Every interface, IPv6 too where there is one: nginx alone takes `::` for IPv6 only. */
export function isEverywhere(host: string): boolean {
  return host === '*' || host === '::';
}

/** Strict, because the name also goes into nginx's configuration; all digits and dots must be an IPv4 address. */
function isHostName(name: string): boolean {
  if (/^[\d.]+$/.test(name)) return isIPv4(name);
  return name.length <= 253 && /^[a-z0-9_][a-z0-9._-]*$/i.test(name);
}
