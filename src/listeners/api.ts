import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { ApiAnswer } from '../observe/chp-metrics.ts';
import { formatAddress } from '../system/address.ts';
import { Complaint } from '../system/complaint.ts';
import { watchFiles } from '../system/watch.ts';
import { bind } from './bind.ts';
import { Closing, type Listener } from './listener.ts';
import { type ApiTlsConfig, apiTlsFiles, apiTlsOptions, readSecureContext } from './tls.ts';

export type ApiListenConfig = Pick<Config, 'api' | 'apiSocket'> & ApiTlsConfig;

export interface ApiListenOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Told of each answer, for metrics. */
  readonly onAnswer?: (answer: ApiAnswer) => void;
  /** Milliseconds between two looks at the certificates. */
  readonly watchInterval?: number;
}

/**
 * Lets the API listen. With servers of our own and not with `app.listen`: `localhost` is two of them, certificates are
 * renewed, and a socket gets its mode. Requests that Node itself refuses are answered as the app's own server would.
 */
export async function listenApi(
  app: FastifyInstance,
  config: ApiListenConfig,
  { log, onAnswer, watchInterval }: ApiListenOptions,
): Promise<Listener> {
  await app.ready();
  const closing = new Closing();
  const files = apiTlsFiles(config);
  const tlsServers: TlsServer[] = [];
  const full = new Complaint();
  const handler = closing.handler((request, response) => {
    // taken now: the app rewrites the URL
    const { method = '', url = '' } = request;
    response.once('finish', () => onAnswer?.({ method, url, status: response.statusCode }));
    app.routing(request, response);
  });

  function makeServer(): Server {
    let server: Server;
    if (files.length === 0) {
      server = createServer(handler);
    } else {
      const secure = createTlsServer(apiTlsOptions(config), handler);
      tlsServers.push(secure);
      server = secure;
    }
    const { keepAliveTimeout, requestTimeout, headersTimeout } = app.server;
    Object.assign(server, { keepAliveTimeout, requestTimeout, headersTimeout });
    for (const listener of app.server.listeners('clientError')) server.on('clientError', listener as () => void);
    closing.add(server);
    server.on('drop', () => {
      const { maxConnections: most } = server;
      if (full.isNews(`${most}`, Date.now()))
        log.warn({ most }, 'the API has all the connections it takes: more are closed');
    });
    return server;
  }

  const place = { what: 'the API', setting: 'api', address: config.api, socket: config.apiSocket, socketMode: 0o600 };
  const port = await bind(place, makeServer).catch(async (error) => {
    await closing.close(0);
    throw error;
  });
  const renewed = () => {
    for (const server of tlsServers) server.setSecureContext(readSecureContext(config));
    log.info('the API uses the renewed certificate');
  };
  const watch = watchFiles(files, renewed, {
    ...(watchInterval === undefined ? {} : { interval: watchInterval }),
    onError: (err) => log.warn({ err }, 'the renewed certificate of the API cannot be used, the old one stays'),
  });
  return {
    where: config.apiSocket ?? formatAddress({ ...config.api, port: port ?? config.api.port }),
    port,
    renew: () => watch.check(),
    close(graceMs = 5_000) {
      watch.close();
      return closing.close(graceMs);
    },
  };
}
