import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import Fastify from 'fastify';
import { vi } from 'vitest';
import { type ApiListenConfig, type ApiListenOptions, listenApi } from '../../../src/listeners/api.ts';
import type { Listener } from '../../../src/listeners/listener.ts';
import { onCleanup } from '../../support/cleanup.ts';

export const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };

export const plain: ApiListenConfig = {
  api: { host: '127.0.0.1', port: 0 },
  apiSocket: undefined,
  apiSslKey: undefined,
  apiSslCert: undefined,
  apiSslCa: undefined,
  apiSslRequestCert: false,
  apiSslKeyPassphrase: undefined,
  sslProtocol: undefined,
};

/** A small app, with an answer that waits for `release`. */
export async function startApi(config: Partial<ApiListenConfig> = {}, options: Partial<ApiListenOptions> = {}) {
  const app = Fastify({ clientErrorHandler: (_, socket) => void socket.end('HTTP/1.1 400 Ours\r\n\r\n') });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  app.get('/', async () => 'hello');
  app.get('/slow', async () => {
    await released;
    return 'late';
  });
  const listener = await listenApi(app, { ...plain, ...config }, { log, ...options });
  onCleanup(() => listener.close(0));
  return { listener, release, app };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** A request, over TLS where `tls` is set. */
export function ask(
  listener: Listener,
  options: RequestOptions & { tls?: boolean } = {},
  connected = () => {},
): Promise<Reply> {
  const { tls = false, ...rest } = options;
  const where =
    listener.port === undefined ? { socketPath: listener.where } : { host: '127.0.0.1', port: listener.port };
  return new Promise((resolve, reject) => {
    const request = (tls ? httpsRequest : httpRequest)({ ...where, agent: false, ...rest }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    request.on('socket', (socket) => socket.once('connect', connected));
    request.on('error', reject);
    request.end();
  });
}
