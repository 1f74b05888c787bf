import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { bind } from '../listeners/bind.ts';
import { Closing } from '../listeners/listener.ts';
import { formatAddress } from '../system/address.ts';
import type { Place } from './settings.ts';

/** Lets the dashboard listen, and gives back where and how it ends. */
export async function listen(
  app: FastifyInstance,
  { address, socket, tls }: Pick<Place, 'address' | 'socket' | 'tls'>,
): Promise<{ readonly where: string; close(graceMs: number): Promise<void> }> {
  await app.ready();
  const closing = new Closing();
  const handler = closing.handler((request, response) => app.routing(request, response));
  const makeServer = (): Server => {
    const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
    const { requestTimeout, headersTimeout } = app.server;
    Object.assign(server, { requestTimeout, headersTimeout });
    for (const listener of app.server.listeners('clientError')) server.on('clientError', listener as () => void);
    closing.add(server);
    return server;
  };
  // The proxy in front is often another user, of the same group.
  const place = { what: 'the dashboard', setting: 'listen', address, socket, socketMode: 0o660 };
  const port = await bind(place, makeServer).catch(async (error) => {
    await closing.close(0);
    throw error;
  });
  return {
    where: socket ?? formatAddress({ ...address, port: port ?? address.port }),
    close: (graceMs) => closing.close(graceMs),
  };
}
