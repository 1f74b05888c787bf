import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../observe/metrics.ts';
import { formatAddress } from '../system/address.ts';
import { bind } from './bind.ts';
import { Closing, type Listener } from './listener.ts';

export type MetricsListenConfig = Pick<Config, 'metrics' | 'metricsSocket'>;

/** Lets /metrics be read on a listener of its own, without a token; undefined where none is configured. */
export async function listenMetrics(
  metrics: Pick<Metrics, 'render'>,
  config: MetricsListenConfig,
  log: Pick<Logger, 'error'>,
): Promise<Listener | undefined> {
  const { metrics: address = { host: '*', port: 0 }, metricsSocket: socket } = config;
  if (config.metrics === undefined && socket === undefined) return undefined;

  const closing = new Closing();
  const handler = closing.handler((request, response) => {
    answer(metrics, request, response).catch((err) => {
      log.error({ err }, 'the metrics could not be shown');
      response.writeHead(500).end();
    });
  });
  // 0666: numbers, no names, and those who scrape are often another user. The folder of the socket may say otherwise.
  const place = { what: 'the metrics listener', setting: 'metrics', address, socket, socketMode: 0o666 };
  const port = await bind(place, () => {
    const server = createServer(handler);
    closing.add(server);
    return server;
  }).catch(async (error) => {
    await closing.close(0);
    throw error;
  });
  return {
    where: socket ?? formatAddress({ ...address, port: port ?? address.port }),
    port,
    renew: () => undefined,
    close: (graceMs = 1_000) => closing.close(graceMs),
  };
}

async function answer(metrics: Pick<Metrics, 'render'>, request: IncomingMessage, response: ServerResponse) {
  const [path] = (request.url ?? '').split('?');
  if (path !== '/metrics') return response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return response.writeHead(405, { allow: 'GET, HEAD' }).end();
  }
  const { contentType, text } = await metrics.render();
  return response
    .writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
    .end(request.method === 'HEAD' ? undefined : text);
}
