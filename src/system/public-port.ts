import { createServer } from 'node:net';
import { SignalboxError } from '../errors.ts';
import { formatAddress, type HostPort, isEverywhere } from './address.ts';
import { clearStaleSocket } from './unix-socket.ts';
import { portHolder } from './who-holds.ts';

const HINTS: Record<string, string> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another address with --public.',
  EACCES: 'Ports below 1024 need root or CAP_NET_BIND_SERVICE.',
  EADDRNOTAVAIL: 'No interface of this machine has that address: see --public.',
};

/** An address, or the path of a unix socket. */
export type PublicPlace = HostPort | string;

/**
 * Throws PORT_TAKEN when `proxy` can't listen there. nginx itself only says "bind() failed" after half a second of tries; this names
 * the program that holds the port, at once. Removes a socket that nobody listens on any more.
 */
export async function checkPublicPort(place: PublicPlace, proxy: string): Promise<void> {
  if (typeof place === 'string') return await clearStaleSocket(place);
  const { host, port } = place;
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = HINTS[error.code ?? ''];
      const holder = error.code === 'EADDRINUSE' ? portHolder(port) : undefined;
      const message = `${proxy} cannot listen on ${formatAddress({ host, port })}: ${holder ? `${holder} does` : error.code}`;
      reject(new SignalboxError('PORT_TAKEN', message, { hint }));
    });
    // Without a host Node takes IPv4 where the kernel has no IPv6.
    const address = isEverywhere(host) ? { port } : { host, port };
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** Does something listen there? */
export function isTaken(place: HostPort): Promise<boolean> {
  return checkPublicPort(place, 'a proxy').then(
    () => false,
    () => true,
  );
}
