import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describeRequest, pathOf, type Seen } from './backend.ts';

type Special = (request: IncomingMessage, response: ServerResponse, argument: number) => unknown;

/** What the end of a path asks for; a number in it is the argument. */
const specials: readonly [pattern: RegExp, special: Special][] = [
  [
    /\/status\/(\d{3})$/,
    (_, response, code) => response.writeHead(code).end(hasBody(code) ? `status ${code}` : undefined),
  ],
  [/\/sse$/, serverSentEvents],
  [/\/bytes\/(\d+)$/, (_, response, size) => bytes(response, size)],
  [/\/chunked$/, chunked],
  [/\/headers\/(\d+)$/, (_, response, size) => response.setHeader('X-Big', 'h'.repeat(size)).end('big headers')],
  [/\/drop$/, drop],
  [/\/close-idle$/, closeIdle],
];

/** Answers one request, and records it when its body has come. `/slow/MS` is an ordinary answer that much later. */
export async function answer(
  backend: string,
  request: IncomingMessage,
  response: ServerResponse,
  record: (seen: Seen) => void,
): Promise<void> {
  const path = pathOf(request);
  const hash = createHash('sha256');
  let bodyBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bodyBytes += chunk.length;
  }
  const seen = { ...describeRequest(backend, request), bodyBytes, bodySha256: hash.digest('hex') };
  record(seen);

  for (const [pattern, special] of specials) {
    const match = pattern.exec(path);
    if (match) return void (await special(request, response, Number(match[1])));
  }
  const slow = /\/slow\/(\d+)$/.exec(path)?.[1];
  if (slow) await delay(Number(slow));
  const shown = path.endsWith('/upload') ? { bytes: bodyBytes, sha256: seen.bodySha256 } : seen;
  const body = JSON.stringify(shown);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function hasBody(code: number): boolean {
  return code !== 204 && code !== 304;
}

/** Events ten times a second until the client goes. */
async function serverSentEvents(_: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  for (let id = 1; !response.destroyed; id += 1) {
    response.write(`id: ${id}\ndata: event ${id}\n\n`);
    await delay(100);
  }
}

/** So many bytes, no faster than they are taken. */
async function bytes(response: ServerResponse, size: number): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size });
  const block = Buffer.alloc(64 * 1024, 'signalbox');
  const closed = once(response, 'close');
  for (let left = size; left > 0 && !response.destroyed; left -= block.length) {
    if (!response.write(left < block.length ? block.subarray(0, left) : block)) {
      await Promise.race([once(response, 'drain'), closed]);
    }
  }
  response.end();
}

/** Three chunks, each flushed alone. */
async function chunked(_: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const part of ['one ', 'two ', 'three']) {
    response.write(part);
    await delay(10);
  }
  response.end();
}

/** Promises 1,000 bytes, sends 7, and hangs up. */
function drop(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Length': 1_000 });
  response.write('partial', () => request.socket.destroy());
}

/** Answers as if the connection stayed open, then closes it: what a proxy with kept-alive connections must survive. */
function closeIdle(request: IncomingMessage, response: ServerResponse): void {
  response.end('closing', () => request.socket.end());
}
