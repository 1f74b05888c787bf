import { connect } from 'node:net';
import { describeError } from '../errors.ts';
import { formatAddress } from '../system/address.ts';

/** Whether something takes connections where a target leads. */
interface Knock {
  /** Where that is: `127.0.0.1:9002`, the path of a socket; undefined where no name was found. */
  readonly address: string | undefined;
  /** How long it took. */
  readonly ms: number;
  /** Why there is no connection. */
  readonly error: string | undefined;
}

/** Connects to where a target leads, by a name all of whose addresses are tried, and closes again. */
export function knock(target: string, patienceMs: number): Promise<Knock> {
  const began = performance.now();
  const place = placeOf(target);
  if (place === undefined) return Promise.resolve({ address: undefined, ms: 0, error: 'that is no URL to connect to' });
  return new Promise((resolve) => {
    let address = 'path' in place ? place.path : undefined;
    const socket = connect(place);
    const end = (error?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ address, ms: Math.round((performance.now() - began) * 100) / 100, error });
    };
    const timer = setTimeout(() => end(`no connection within ${patienceMs / 1_000} s`), patienceMs);
    socket.on('connectionAttempt', (host, port) => {
      address = formatAddress({ host, port });
    });
    socket.on('connect', () => end());
    socket.on('error', (error) => end(describeError(error)));
  });
}

function placeOf(target: string): { host: string; port: number } | { path: string } | undefined {
  const [, encoded] = /^\s*(?:http\+unix|unix\+http):\/\/([^/?#]*)/i.exec(target) ?? [];
  if (encoded !== undefined) return socketAt(encoded);
  const h2c = /^\s*h2c:(?=\/\/)/i.exec(target)?.[0];
  const url = URL.parse(h2c === undefined ? target : `http:${target.slice(h2c.length)}`);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function socketAt(encoded: string): { path: string } | undefined {
  try {
    const path = decodeURIComponent(encoded);
    return path.startsWith('/') && !path.includes('\0') ? { path } : undefined;
  } catch {
    return undefined;
  }
}
