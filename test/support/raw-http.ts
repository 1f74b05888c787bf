import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type HeaderPairs, headerOf, type RawResponse, ResponseReader } from './http-response.ts';

/** Where to connect: a port of 127.0.0.1 unless `host` says otherwise, or a unix socket; TLS without looking at the certificate. */
export interface Address {
  readonly port?: number;
  readonly host?: string;
  readonly socketPath?: string;
  readonly tls?: boolean;
}

export interface RawRequest extends Address {
  /** Goes on the wire exactly as it is, byte for byte: nothing is encoded, resolved or checked. */
  readonly target: string;
  readonly method?: string;
  /** `Host` is added unless it is among them, and `Content-Length` when there is a body. */
  readonly headers?: HeaderPairs;
  readonly body?: string | Buffer;
  /** Milliseconds for all of it; 10 s unless given. */
  readonly timeout?: number;
}

export interface Answer extends RawResponse {
  header(name: string): string | undefined;
  text(): string;
  json<T = unknown>(): T;
}

/** One request on a connection of its own. Rejects when no answer comes; one that is cut off has `complete: false`. */
export function rawRequest(request: RawRequest): Promise<Answer> {
  return sendRaw(requestBytes(request, 'close'), request, request.method, request.timeout);
}

/** Sends bytes as they are, which need not be HTTP, and reads one answer. */
export async function sendRaw(
  bytes: Buffer | string,
  address: Address,
  method = 'GET',
  timeout = 10_000,
): Promise<Answer> {
  const socket = connect(address);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const reader = new ResponseReader(method);
      const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
      const settle = (read: () => RawResponse | undefined, otherwise?: Error) => {
        try {
          const response = read();
          if (response) resolve(makeAnswer(response));
          else if (otherwise) reject(otherwise);
        } catch (error) {
          reject(error);
        }
      };
      socket.on('data', (chunk: Buffer) => settle(() => reader.push(chunk)));
      socket.on('end', () => settle(() => reader.end(), new Error('the connection was closed without an answer')));
      socket.on('error', (error) => settle(() => reader.end(), error));
      socket.on('close', () => clearTimeout(timer));
      socket.write(bytes);
    });
  } finally {
    socket.destroy();
  }
}

/** A connection that is not waited for: what is written before it stands is sent then. */
export function connect(address: Address): Socket {
  const where = address.socketPath
    ? { path: address.socketPath }
    : { host: address.host ?? '127.0.0.1', port: address.port ?? 80 };
  return address.tls ? connectTls({ ...where, rejectUnauthorized: false }) : connectTcp(where);
}

/** The bytes of a request; strings are taken as Latin-1 if they fit, so that any byte can be written, else as UTF-8. */
export function requestBytes(request: RawRequest, connection: 'close' | 'keep-alive'): Buffer {
  const headers: HeaderPairs = [...(request.headers ?? [])];
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  if (headerOf(headers, 'host') === undefined) {
    headers.unshift(['Host', `${request.host ?? '127.0.0.1'}${request.port === undefined ? '' : `:${request.port}`}`]);
  }
  if (headerOf(headers, 'connection') === undefined) headers.push(['Connection', connection]);
  if (
    body &&
    headerOf(headers, 'transfer-encoding') === undefined &&
    headerOf(headers, 'content-length') === undefined
  ) {
    headers.push(['Content-Length', String(body.length)]);
  }
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${request.method ?? 'GET'} ${request.target} HTTP/1.1\r\n${lines.join('')}\r\n`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of Latin-1
  const encoding = /^[\u0000-\u00ff]*$/.test(head) ? 'latin1' : 'utf8';
  return Buffer.concat([Buffer.from(head, encoding), body ?? Buffer.alloc(0)]);
}

function makeAnswer(response: RawResponse): Answer {
  return {
    ...response,
    header: (name) => headerOf(response.headers, name),
    text: () => response.body.toString('utf8'),
    json: <T>() => JSON.parse(response.body.toString('utf8')) as T,
  };
}
