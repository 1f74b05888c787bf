import { type Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** How long the other side may be silent, ms. */
  readonly timeoutMs: number;
  /** Keeps a connection for the next question; a new connection unless given. */
  readonly agent?: Agent | undefined;
  /** How to verify the server's certificate where the system's authorities can't. */
  readonly tls?: ConnectionOptions | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One HTTP request; `place` is `http://…`, `https://…` or `http+unix://%2Fpath%2Fto.sock`, which fetch doesn't know. */
export function ask(place: string | URL, path: string, question: Question): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMs, agent = false, tls } = question;
  const socketPath = socketOf(`${place}`);
  const url = socketPath === undefined ? new URL(path, withSlash(`${place}`)) : new URL(path, 'http://localhost/');
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage) => {
      const { statusCode: status = 0, headers } = answer;
      text(answer).then((text) => resolve({ status, headers, text }), reject);
    };
    const where = socketPath === undefined ? {} : { socketPath };
    const asked = send(url, { ...tls, ...where, method, headers, timeout: timeoutMs, agent }, onAnswer);
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The place of a unix socket. */
export function socketPlace(path: string): string {
  return `http+unix://${encodeURIComponent(path)}`;
}

function socketOf(place: string): string | undefined {
  const [, path] = /^(?:http\+unix|unix\+http):\/\/([^/]+)\/?$/.exec(place) ?? [];
  return path === undefined ? undefined : decodeURIComponent(path);
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
