import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';

export interface ApiResponse {
  readonly status: number;
  readonly text: string;
  /** The clock of the other side. */
  readonly date: string | undefined;
}

export interface ApiRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** How long the other side may be silent, ms. */
  readonly timeoutMs: number;
  /** How to know the other side, where the authorities of the system don't. */
  readonly tls?: ConnectionOptions | undefined;
}

/** One HTTP request; `base` is `http://…`, `https://…` or `http+unix://%2Fpath%2Fto.sock`, which fetch doesn't know. */
export function sendRequest(base: string, path: string, { method, headers, body, timeoutMs, tls }: ApiRequest) {
  const socket = socketOf(base);
  const url = new URL(path, socket === undefined ? `${base}/` : 'http://localhost/');
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise<ApiResponse>((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage) => {
      const { statusCode = 0, headers } = answer;
      text(answer).then((all) => resolve({ status: statusCode, text: all, date: headers.date }), reject);
    };
    const where = socket === undefined ? {} : { socketPath: socket };
    const ask = send(url, { ...tls, ...where, method, headers, timeout: timeoutMs, agent: false }, onAnswer);
    ask.on('timeout', () => ask.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    ask.on('error', reject);
    ask.end(body);
  });
}

function socketOf(base: string): string | undefined {
  const [, path] = /^(?:http\+unix|unix\+http):\/\/([^/]+)\/?$/.exec(base) ?? [];
  return path === undefined ? undefined : decodeURIComponent(path);
}
