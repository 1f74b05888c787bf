import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Address } from '../support/raw-http.ts';

/**
 * Does something answer there? More than a port that is open: `nginx -t` opens the ports of its configuration, too, for a
 * moment.
 */
export function answers(address: Address, certificate?: { key: string; cert: string }): Promise<boolean> {
  const { port = 0, socketPath } = address;
  const where = socketPath ? { socketPath } : { host: '127.0.0.1', port };
  const options = { ...where, path: '/_chp_healthz', agent: false as const, timeout: 2_000 };
  const request = address.tls
    ? httpsRequest({ ...options, ...certificate, rejectUnauthorized: false })
    : httpRequest(options);
  return new Promise((resolve) => {
    request.once('response', (response) => {
      response.resume();
      resolve(true);
    });
    request.once('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.end();
  });
}
