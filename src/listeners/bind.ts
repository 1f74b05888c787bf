import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignalboxError } from '../errors.ts';
import { formatAddress, type HostPort } from '../system/address.ts';
import { clearStaleSocket, withSocketMode } from '../system/unix-socket.ts';
import { portHolder } from '../system/who-holds.ts';

/** A place to listen at, and words for messages. */
export interface ListenPlace {
  /** `the API`, at the beginning of a sentence. */
  readonly what: string;
  /** The key of the setting: `api`. */
  readonly setting: string;
  readonly address: HostPort;
  /** Stands instead of the address. */
  readonly socket: string | undefined;
  readonly socketMode: number;
}

/** Listens at the place with as many servers as that takes, and gives back the port. Throws PORT_TAKEN. */
export async function bind(place: ListenPlace, makeServer: () => Server): Promise<number | undefined> {
  if (place.socket !== undefined) {
    await bindSocket(makeServer(), place.socket, place);
    return undefined;
  }
  const { host, port } = place.address;
  const [first = host, ...others] = await addressesOf(host);
  const actual = await bindFirst(makeServer, first, port, place);
  for (const other of others) await bindOther(makeServer(), other, actual, place);
  return actual;
}

/** `localhost` is often two addresses, and clients try one or the other. */
async function addressesOf(host: string): Promise<string[]> {
  if (host === '*') return ['::'];
  if (host.toLowerCase() !== 'localhost') return [host];
  const found = await lookup('localhost', { all: true }).catch(() => []);
  return found.length === 0 ? ['127.0.0.1'] : [...new Set(found.map(({ address }) => address))];
}

async function bindFirst(makeServer: () => Server, host: string, port: number, place: ListenPlace): Promise<number> {
  const server = makeServer();
  try {
    return await listen(server, () => server.listen({ host, port }));
  } catch (error) {
    // a machine without IPv6 has no `::`
    if (host === '::' && isUnavailable(error)) return bindFirst(makeServer, '0.0.0.0', port, place);
    throw taken(error, place, port);
  }
}

/** An address that the machine doesn't have is left out. One that is in use is an error: half the clients would reach another program. */
async function bindOther(server: Server, host: string, port: number, place: ListenPlace): Promise<void> {
  try {
    await listen(server, () => server.listen({ host, port }));
  } catch (error) {
    if (!isUnavailable(error)) throw taken(error, place, port);
  }
}

async function bindSocket(server: Server, path: string, place: ListenPlace): Promise<void> {
  try {
    await clearStaleSocket(path);
    await listen(server, () => withSocketMode(place.socketMode, () => server.listen({ path })));
  } catch (error) {
    throw new SignalboxError('PORT_TAKEN', `${place.what} cannot listen on ${path}`, {
      cause: error,
      hint: error instanceof SignalboxError ? error.hint : `Choose another path with --${place.setting}-socket.`,
    });
  }
}

async function listen(server: Server, start: () => void): Promise<number> {
  const listening = once(server, 'listening');
  start();
  await listening;
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

function isUnavailable(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(String((error as NodeJS.ErrnoException).code));
}

function taken(error: unknown, { what, setting, address }: ListenPlace, port: number): SignalboxError {
  const { code } = error as NodeJS.ErrnoException;
  const where = formatAddress({ ...address, port });
  const holder = code === 'EADDRINUSE' ? portHolder(port) : undefined;
  const program = holder ?? (code === 'EADDRINUSE' ? 'the program that listens there' : undefined);
  return new SignalboxError('PORT_TAKEN', `${what} cannot listen on ${where}${holder ? `: ${holder} does` : ''}`, {
    cause: error,
    hint: `${program ? `Stop ${program}, or choose` : 'Choose'} another address with --${setting}.`,
  });
}
