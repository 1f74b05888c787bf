import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { close, listen } from './listen.ts';

const files: Readonly<Record<string, { name: string; type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/style.css': { name: 'style.css', type: 'text/css; charset=utf-8' },
  '/page.js': { name: 'page.js', type: 'text/javascript; charset=utf-8' },
};

export interface WebServer {
  readonly url: string;
  /** Pages that hold a websocket now. */
  pages(): number;
  /** Sends a message to each page. */
  send(message: object): void;
  close(): Promise<void>;
}

/** The server of the page and of the websocket that the page holds, `/live`. It is an ordinary backend behind nginx. */
export async function startWebServer(): Promise<WebServer> {
  const server = createServer((request, response) => {
    const file = files[(request.url ?? '').split('?', 1)[0] ?? ''];
    if (!file) return void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('No such page\n');
    // Read each time, so that one can work on the page while the demo runs.
    const body = readFileSync(join(import.meta.dirname, 'page', file.name));
    response.writeHead(200, { 'Content-Type': file.type, 'Cache-Control': 'no-store' }).end(body);
  });
  const websockets = new WebSocketServer({ server, path: '/live' });
  websockets.on('connection', (socket) => socket.on('error', () => socket.terminate()));
  const url = await listen(server);

  return {
    url,
    pages: () => websockets.clients.size,
    send(message) {
      const text = JSON.stringify(message);
      for (const socket of websockets.clients) if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    async close() {
      // 1001, going away: the page then says that the demo has ended. A browser that doesn't answer is not waited for.
      for (const socket of websockets.clients) socket.close(1001, 'the demo has ended');
      for (let tries = 0; tries < 25 && websockets.clients.size > 0; tries += 1) await delay(20);
      for (const socket of websockets.clients) socket.terminate();
      await close(server);
    },
  };
}
