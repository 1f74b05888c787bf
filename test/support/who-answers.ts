import type { IncomingMessage, ServerResponse } from 'node:http';
import { rawRequest } from './raw-http.ts';

/** In a request that only asks who answers. Backends of tests neither count nor keep it; its answer moves no `last_activity`. */
const WHO = 'x-signalbox-who';
const MISDIRECTED = 421;

/** URLs of the backends that run in this process. */
const running = new Set<string>();

/** Notes a backend; gives back how to forget it. */
export function announce(url: string): () => void {
  running.add(url);
  return () => running.delete(url);
}

/** Answers a request that asks who answers; false for any other. */
export function tellWho(url: string, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers[WHO] === undefined) return false;
  response.writeHead(MISDIRECTED, { [WHO]: url, 'Content-Length': 0 }).end();
  return true;
}

/** The backend of ours, over plain HTTP, to which a target leads. */
export function backendOf(target: string | undefined): string | undefined {
  return [...running].find((url) => url.startsWith('http://') && `${target}/`.startsWith(`${url}/`));
}

/** Whom a user of this path gets: the URL of a backend, else a status, or why there is no answer. */
export async function whoAnswers(port: number, path: string): Promise<string | number> {
  try {
    const answer = await rawRequest({ port, target: path, headers: [[WHO, '?']], timeout: 3_000 });
    return answer.header(WHO) ?? answer.status;
  } catch (error) {
    return (error as Error).message;
  }
}
