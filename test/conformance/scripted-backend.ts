import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { onCleanup } from '../support/cleanup.ts';
import type { Script } from './case.ts';

/** A request as a backend saw it. */
export interface Seen {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, or its size and hash when it is long. */
  body: string;
}

/** What the backends of one side share: what they saw, and what they are to answer next. */
export interface Stage {
  seen: Seen[];
  script: Script;
}

export interface ScriptedBackend {
  readonly name: string;
  /** 0 on a unix socket. */
  readonly port: number;
}

/** A real server which does what the script on the stage says; a websocket on any path echoes unless there is a script. */
export async function startScriptedBackend(
  name: string,
  stage: Stage,
  { socketPath, tls }: { socketPath?: string; tls?: ServerOptions } = {},
): Promise<ScriptedBackend> {
  const onRequest: RequestListener = (request, response) => {
    const seen = describe(name, request);
    stage.seen.push(seen);
    perform(request, response, seen, stage.script).catch(() => request.destroy());
  };
  const settings = { maxHeaderSize: 1 << 20, keepAliveTimeout: 60_000 };
  const server: Server = tls
    ? createHttpsServer({ ...settings, ...tls }, onRequest)
    : createHttpServer(settings, onRequest);

  const websockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    stage.seen.push(describe(name, request));
    socket.on('error', () => undefined);
    if (stage.script.raw !== undefined) return void socket.end(stage.script.raw);
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      websocket.on('error', () => undefined);
      websocket.on('message', (data, isBinary) => {
        if (String(data) === 'please close') websocket.close(4321, 'as asked');
        else websocket.send(data, { binary: isBinary });
      });
    });
  });

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socketPath) server.listen(socketPath, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  // nginx's workers may be another user.
  if (socketPath) chmodSync(socketPath, 0o777);
  onCleanup(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { name, port: socketPath ? 0 : (server.address() as AddressInfo).port };
}

/** A body as a field: itself, or its size and hash. */
export function describeBody(body: Buffer): string {
  if (body.length <= 2_000) return body.toString('utf8');
  return `${body.length} bytes, sha256 ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`;
}

/** A body of that size in which a byte that is lost or moved shows. */
export function bodyOf(body: string | number): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(Array.from({ length: Math.ceil(body / 8) }, (_, at) => at.toString(36).padStart(8, '.')).join('')).subarray(0, body); // biome-ignore format: one line
}

function describe(backend: string, request: IncomingMessage): Seen {
  const headers: [string, string][] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    headers.push([request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '']);
  }
  return { backend, method: request.method ?? '', url: request.url ?? '', headers, body: '' };
}

async function perform(request: IncomingMessage, response: ServerResponse, seen: Seen, script: Script): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  seen.body = describeBody(Buffer.concat(chunks));

  if (script.silent) return;
  if (script.raw !== undefined) return void request.socket.end(Buffer.from(script.raw, 'latin1'));
  const { status = 200, reason, headers = [['Content-Type', 'text/plain']] } = script;
  const bodyless = status === 204 || status === 304 || request.method === 'HEAD';
  const body = bodyOf(script.body ?? (bodyless ? '' : `hello from ${seen.backend}`));
  const framing = script.chunks || bodyless ? [] : [['Content-Length', String(body.length)] as const];
  const lines = [...headers, ...framing].flat();
  if (reason === undefined) response.writeHead(status, lines);
  else response.writeHead(status, reason, lines);
  for (const chunk of script.chunks ?? []) {
    await new Promise((resolve) => response.write(chunk, resolve));
  }
  if (bodyless || script.chunks) response.end();
  else response.end(body);
}
