import { createServer } from 'node:net';
import { isEverywhere } from './address.ts';

/** A port that nothing listens on just now. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, ...(isEverywhere(host) ? {} : { host }) }, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
