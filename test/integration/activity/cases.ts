import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { onCleanup } from '../../support/cleanup.ts';
import type { TraefikDifferenceId } from '../../support/traefik-differences.ts';

/** Is the route active, as `last_activity` has it? */
export interface Verdict {
  /** In the time in which it runs; undefined where it is over at once. */
  readonly during?: boolean;
  /** At its end. */
  readonly end: boolean;
}

/** Something that a client does, and what each proxy makes of it. */
export interface ActivityCase {
  readonly name: string;
  readonly chp: Verdict;
  /** As CHP's unless given; then `why` tells it. */
  readonly signalbox?: Verdict;
  readonly why?: string;
  /** As nginx's unless given. */
  readonly traefik?: { readonly verdict: Verdict; readonly difference: TraefikDifferenceId };
  /** Begins it on a path under a route of its own; resolves when it is under way to a function that ends it. */
  readonly start: (port: number, route: string) => Promise<() => Promise<unknown>>;
}

/** How often something is sent where a user would do so each few seconds. */
const OFTEN_MS = 200;
/** Silence before something is broken off: longer than the interval of the probe. */
const REST_MS = 1_500;

export const activityCases: readonly ActivityCase[] = [
  { name: 'answer 200', chp: { end: true }, start: get('/x') },
  { name: 'answer 204', chp: { end: true }, start: get('/status/204') },
  { name: 'HEAD', chp: { end: true }, start: get('/x', 'HEAD') },
  { name: 'answer 304', chp: { end: false }, start: get('/status/304') },
  { name: 'redirect 302', chp: { end: false }, start: get('/status/302') },
  { name: 'answer 404', chp: { end: false }, start: get('/status/404') },
  { name: 'answer 500', chp: { end: false }, start: get('/status/500') },
  { name: 'POST with a body, answer 200', chp: { end: true }, start: get('/upload', 'POST', 'hello') },
  { name: 'POST with a body, answer 404', chp: { end: true }, start: get('/status/404', 'POST', 'hello') },
  { name: 'POST without a body, answer 404', chp: { end: false }, start: get('/status/404', 'POST') },
  { name: 'download that completes', chp: { end: true }, start: get('/bytes/3000000') },
  {
    name: 'download of an event stream (SSE), ended by the client',
    chp: { during: false, end: false },
    start: (port, route) => download(port, `${route}/sse`),
  },
  {
    name: 'big download, broken off by the client',
    chp: { during: false, end: false },
    start: (port, route) => download(port, `${route}/bytes/5000000000`),
  },
  {
    name: 'upload in pieces, answer 200',
    chp: { during: true, end: true },
    start: (port, route) => upload(port, `${route}/upload`, 'complete'),
  },
  {
    name: 'upload in pieces, answer 413',
    chp: { during: true, end: true },
    start: (port, route) => upload(port, `${route}/status/413`, 'complete'),
  },
  {
    name: 'upload in pieces, broken off by the client',
    chp: { during: true, end: false },
    start: (port, route) => upload(port, `${route}/upload`, 'broken off'),
  },
  {
    name: 'websocket on which the client sends now and then',
    chp: { during: true, end: false },
    start: (port, route) => websocket(port, `${route}/ws`, (socket) => socket.send('text')),
  },
  {
    name: 'websocket on which the client pings',
    chp: { during: true, end: false },
    start: (port, route) => websocket(port, `${route}/ws`, (socket) => socket.ping()),
  },
  {
    name: 'websocket that is silent, then lost',
    chp: { during: false, end: false },
    start: (port, route) => websocket(port, `${route}/ws`),
  },
  {
    name: 'websocket on which only the server talks',
    chp: { during: false, end: false },
    start: (port, route) => websocket(port, `${route}/ws-talk`),
  },
  {
    name: 'websocket that is silent, then closed in good order',
    chp: { during: false, end: true },
    start: (port, route) => websocket(port, `${route}/ws`, undefined, (socket) => socket.close()),
    traefik: { verdict: { during: false, end: false }, difference: 'end-of-websockets' },
  },
];

/** What Signalbox is to say with this proxy, CHP's verdict unless the case has another. */
export function expectedOf({ chp, signalbox = chp, traefik }: ActivityCase, driver: 'nginx' | 'traefik'): Verdict {
  return driver === 'traefik' && traefik ? traefik.verdict : signalbox;
}

function get(path: string, method = 'GET', body?: string): ActivityCase['start'] {
  return async (port, route) => async () => {
    const response = await answerOf({ port, path: route + path, method }, body);
    response.resume();
    await new Promise((resolve) => response.once('end', resolve));
  };
}

async function download(port: number, path: string): Promise<() => Promise<unknown>> {
  const response = await answerOf({ port, path });
  response.on('error', () => undefined).resume();
  return async () => response.destroy();
}

async function upload(port: number, path: string, end: 'complete' | 'broken off'): Promise<() => Promise<unknown>> {
  const request = httpRequest({ port, path, method: 'PUT', agent: false });
  const answered = new Promise((resolve) => request.on('response', (response) => resolve(response.resume())));
  request.on('error', () => undefined);
  const timer = setInterval(() => request.write('x'.repeat(10_000)), OFTEN_MS);
  onCleanup(() => clearInterval(timer));
  return async () => {
    clearInterval(timer);
    if (end === 'complete') {
      await delay(OFTEN_MS);
      request.end('the last piece');
      return answered;
    }
    await delay(REST_MS);
    return request.destroy();
  };
}

async function websocket(
  port: number,
  path: string,
  often?: (socket: WebSocket) => void,
  end: (socket: WebSocket) => void = (socket) => socket.terminate(),
): Promise<() => Promise<unknown>> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  socket.on('error', () => undefined);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const timer = often && setInterval(() => often(socket), OFTEN_MS);
  onCleanup(() => clearInterval(timer));
  return async () => {
    clearInterval(timer);
    await delay(REST_MS);
    end(socket);
  };
}

function answerOf(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...options, agent: false }, resolve).on('error', reject);
    onCleanup(() => request.destroy());
    request.end(body);
  });
}
