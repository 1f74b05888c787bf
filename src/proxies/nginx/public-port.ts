import { createServer } from 'node:net';
import { formatAddress } from '../../config/address.ts';
import { SignalboxError } from '../../errors.ts';

const HINTS: Record<string, string> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another address with --public.',
  EACCES: 'Ports below 1024 need root or CAP_NET_BIND_SERVICE.',
  EADDRNOTAVAIL: 'No interface of this machine has that address: see --public.',
};

/**
 * Throws PORT_TAKEN when nobody can listen there. nginx itself only says "bind() failed" after half a second of tries;
 * this says it at once and how to mend it.
 */
export function checkPublicPort({ host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = HINTS[error.code ?? ''];
      const message = `nginx cannot listen on ${formatAddress({ host, port })} (${error.code})`;
      reject(new SignalboxError('PORT_TAKEN', message, { hint, retryable: true }));
    });
    const address = host === '*' ? { port } : { host, port };
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve()));
  });
}
