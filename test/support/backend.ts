import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer } from './backend-answers.ts';
import { onCleanup } from './cleanup.ts';
import { announce, tellWho } from './who-answers.ts';

/** A request as the backend saw it. The answer to an ordinary path is this as JSON. */
export interface Seen {
  /** Name of the backend that saw it. */
  readonly backend: string;
  readonly method: string;
  /** The request target, as it came. */
  readonly url: string;
  /** Header lines in their order, repeated ones apart. */
  readonly headers: [name: string, value: string][];
  readonly bodyBytes: number;
  readonly bodySha256: string;
}

export interface BackendOptions {
  /** Told in each answer (`X-Backend`, and `backend` in the JSON), so that a test sees who answered. */
  readonly name?: string;
  /** 127.0.0.1 unless given; `::1` is another. */
  readonly host?: string;
  /** A free one unless given. */
  readonly port?: number;
  /** Listens on a unix socket instead. */
  readonly socketPath?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How many requests `seen` keeps; 1,000 unless given. */
  readonly keep?: number;
}

export interface Backend {
  readonly name: string;
  /** As a route's target: `http://127.0.0.1:1234`, `https://…`, `http://[::1]:1234`, `http+unix://%2Ftmp%2Fsocket`. */
  readonly url: string;
  /** 0 on a unix socket. */
  readonly port: number;
  /** The newest requests, upgrades included, oldest first. */
  readonly seen: readonly Seen[];
  readonly counts: {
    /** Requests that came, upgrades included. */
    readonly requests: number;
    /** Connections that are open, and that ever were. */
    readonly sockets: number;
    readonly socketsEver: number;
    /** Websockets that are open, and that ever were. */
    readonly websockets: number;
    readonly websocketsEver: number;
  };
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * A real HTTP server with a websocket on every path. What the END of the path says works under any route prefix:
 * `/status/CODE`, `/sse`, `/bytes/N`, `/upload`, `/slow/MS`, `/chunked`, `/headers/BYTES`, `/drop`, `/close-idle` (see
 * backend-answers.ts); a websocket echoes, on `/ws-silent` it never answers, on `/ws-talk` it talks by itself, on
 * `/status/CODE` it is refused with that status. Any other request is answered with what was seen of it.
 */
export async function startBackend(options: BackendOptions = {}): Promise<Backend> {
  const name = options.name ?? 'backend';
  const keep = options.keep ?? 1_000;
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const counts = { requests: 0, socketsEver: 0, websocketsEver: 0 };
  const record = (one: Seen) => {
    seen.push(one);
    if (seen.length > keep) seen.shift();
  };

  let url = '';
  const onRequest: RequestListener = (request, response) => {
    if (tellWho(url, request, response)) return;
    counts.requests += 1;
    response.setHeader('X-Backend', name);
    // A client or a proxy that goes away in mid-request is nothing to fall over.
    answer(name, request, response, record).catch(() => request.destroy());
  };
  // Without a limit on headers of its own: what nginx lets through is to arrive.
  const settings = { maxHeaderSize: 1 << 20, keepAliveTimeout: 60_000 };
  const server: Server = options.tls
    ? createHttpsServer({ ...settings, ...options.tls }, onRequest)
    : createHttpServer(settings, onRequest);
  server.on('connection', (socket: Socket) => {
    counts.socketsEver += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });

  const websockets = new WebSocketServer({ noServer: true });
  websockets.on('headers', (lines) => lines.push(`X-Backend: ${name}`));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    counts.requests += 1;
    record(describeRequest(name, request));
    const path = pathOf(request);
    const refusal = /\/status\/(\d{3})$/.exec(path)?.[1];
    if (refusal) {
      const body = `refused by ${name}`;
      socket.end(`HTTP/1.1 ${refusal} Refused\r\nX-Backend: ${name}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      counts.websocketsEver += 1;
      converse(websocket, path);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (options.socketPath) server.listen(options.socketPath, resolve);
    else server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const port = options.socketPath ? 0 : (server.address() as AddressInfo).port;
  url = urlOf(options, port);
  const forget = announce(url);
  const close = onCleanup(async () => {
    forget();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    name,
    url,
    port,
    seen,
    get counts() {
      return { ...counts, sockets: sockets.size, websockets: websockets.clients.size };
    },
    close,
  };
}

/** What is known before the body came. */
export function describeRequest(backend: string, request: IncomingMessage): Seen {
  const headers: [string, string][] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    headers.push([request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '']);
  }
  return { backend, method: request.method ?? '', url: request.url ?? '', headers, bodyBytes: 0, bodySha256: '' };
}

/** The path of a request without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function converse(websocket: WebSocket, path: string): void {
  websocket.on('error', () => undefined);
  if (path.endsWith('/ws-talk')) {
    const timer = setInterval(() => websocket.send('tick'), 50);
    websocket.on('close', () => clearInterval(timer));
  } else if (!path.endsWith('/ws-silent')) {
    websocket.on('message', (data, isBinary) => websocket.send(data, { binary: isBinary }));
  }
}

function urlOf({ socketPath, tls, host = '127.0.0.1' }: BackendOptions, port: number): string {
  const scheme = tls ? 'https' : 'http';
  if (socketPath) return `${scheme}+unix://${encodeURIComponent(socketPath)}`;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
