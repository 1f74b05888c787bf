import { isIP } from 'node:net';
import type { Refusal } from '../../routes/refusal.ts';
import type { Place } from '../addresses.ts';

/** A target URL taken apart. A unix socket has no host and no port. */
export interface Target {
  readonly scheme: 'http' | 'https';
  /** Host name or address without brackets; `''` for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** Path of the unix socket. */
  readonly socket: string | undefined;
  /** Path in front of every request's path: `''` or `/base`, without a trailing slash. */
  readonly prefix: string;
  /** Did that path end in a slash? */
  readonly slash: boolean;
  /** Query in front of every request's query, without the question mark. */
  readonly query: string;
}

/** Takes a target apart; undefined when it is no URL that a proxy could use (CHP answers 500 for those). */
export function parseTarget(text: string): Target | undefined {
  const url = URL.parse(text);
  if (!url) return undefined;
  const prefix = url.pathname.replace(/\/+$/, '');
  const rest = { prefix, slash: prefix !== '' && prefix !== url.pathname, query: url.search.slice(1) };
  switch (url.protocol) {
    case 'http:':
    case 'https:': {
      const scheme = url.protocol === 'http:' ? 'http' : 'https';
      const port = url.port === '' ? (scheme === 'http' ? 80 : 443) : Number(url.port);
      return { scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port, socket: undefined, ...rest };
    }
    case 'http+unix:':
    case 'unix+http:': {
      const socket = decode(url.host);
      if (!socket?.startsWith('/') || problemOf(socket) !== undefined) return undefined;
      return { scheme: 'http', host: '', port: 0, socket, ...rest };
    }
    default:
      return undefined;
  }
}

/** Why nginx can't proxy to a URL that is otherwise valid. */
export function refusesTarget(text: string): Refusal | undefined {
  const [, host = ''] = /^\s*(?:http\+unix|unix\+http):\/\/([^/?#]*)/i.exec(text) ?? [];
  const problem = problemOf(decode(host) ?? '');
  if (problem === undefined) return undefined;
  return {
    of: 'target',
    message: `no unix socket for nginx: ${problem}`,
    hint: 'Have the backend listen on another path.',
  };
}

/** Why nginx can't connect to a unix socket with that path. */
function problemOf(socket: string): string | undefined {
  // nginx ends the path there, and a row of the configuration its value.
  if (/[:\0\n]/.test(socket)) return 'its path has a colon or a control character';
  if (Buffer.byteLength(socket) > 107) return 'its path is longer than the 107 bytes of unix(7)';
  return undefined;
}

/** The name that has to be looked up before nginx can connect; undefined for addresses and sockets. */
export function placeOf({ host: name, port, socket }: Target): Place | undefined {
  return socket !== undefined || isIP(name) ? undefined : { name, port };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
