import { createServer, type RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { ask } from './http.ts';
import { close, listen } from './listen.ts';

interface Member {
  readonly path: string;
  /** As JupyterHub sets it. */
  readonly data: object;
  /** Their server; without one nothing listens where the route leads. */
  readonly server?: RequestListener;
  /** Milliseconds from one request to the next; without it nobody ever asks. */
  readonly pause?: number;
  /** Open websockets, over which a word goes each second. */
  readonly websockets?: number;
}

const user = (name: string, server = '') => ({ user: name, server_name: server });
const hello: RequestListener = (_request, response) => void response.end('Hello\n');
const slow: RequestListener = (_request, response) =>
  void setTimeout(() => response.end('At last\n'), 300 + 900 * Math.random());
const failing: RequestListener = (_request, response) =>
  void response.writeHead(Math.random() < 0.3 ? 503 : 200).end('Perhaps\n');

/** What an operator meets in a week, at once: the dashboard has something to show on every page. */
const CAST: readonly Member[] = [
  { path: '/user/ada', data: user('ada'), server: hello, pause: 200, websockets: 2 },
  { path: '/user/ada/gpu', data: user('ada', 'gpu'), server: hello, pause: 2_000 },
  { path: '/user/grace', data: user('grace'), server: hello, pause: 1_000, websockets: 1 },
  { path: '/user/alan', data: user('alan'), server: slow, pause: 500 },
  { path: '/user/barbara', data: user('barbara'), server: failing, pause: 400 },
  { path: '/user/edsger', data: user('edsger'), pause: 2_000 },
  { path: '/user/margaret', data: user('margaret'), server: hello },
  { path: '/services/announcement', data: { service: 'announcement' }, server: hello, pause: 3_000 },
];

/** Where nothing listens: "discard", which nobody runs any more. */
const NOWHERE = 'http://127.0.0.1:9';

export interface PeopleOptions {
  readonly publicUrl: string;
  addRoute(path: string, target: string, data: object): Promise<void>;
}

/** Adds the cast with their servers, and has them used: by pages, by websockets, or by nobody. */
export async function startPeople({ publicUrl, addRoute }: PeopleOptions): Promise<{ close(): Promise<void> }> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const closing: (() => Promise<void>)[] = [];
  const work: Promise<void>[] = [];
  for (const { path, data, server, pause, websockets = 0 } of CAST) {
    let target = NOWHERE;
    if (server) {
      const http = createServer(server);
      new WebSocketServer({ server: http }).on('connection', (socket) => {
        socket.on('error', () => socket.terminate());
        socket.on('message', (word) => socket.send(word));
      });
      target = await listen(http);
      closing.push(() => close(http));
    }
    await addRoute(path, target, data);
    if (pause !== undefined) work.push(visit(`${publicUrl}${path}/`, pause, signal));
    for (let count = 0; count < websockets; count += 1) {
      work.push(talk(`${publicUrl.replace('http', 'ws')}${path}/socket`, signal));
    }
  }
  return {
    async close() {
      stopping.abort();
      await Promise.all(work);
      await Promise.all(closing.map((end) => end()));
    },
  };
}

async function visit(url: string, pause: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // What it answers is for the dashboard to tell, and a daemon that is gone for whoever watches it.
    await ask(url).catch(() => undefined);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function talk(url: string, signal: AbortSignal): Promise<void> {
  const socket = new WebSocket(url);
  socket.on('error', () => undefined);
  const closed = new Promise((done) => socket.once('close', done));
  const timer = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('a word'), 1_000);
  signal.addEventListener('abort', () => socket.close());
  await closed;
  clearInterval(timer);
}
