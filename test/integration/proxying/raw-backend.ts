import { createServer, type Server, type Socket } from 'node:net';
import { onCleanup } from '../../support/cleanup.ts';

export interface RawBackend {
  readonly url: string;
  readonly port: number;
  /** Heads of the requests that came, byte for byte (Latin-1), without the empty line. */
  readonly heads: string[];
  /** Connections that ever were. */
  readonly connections: number;
}

/**
 * A backend that is no HTTP server: `reply` writes whatever bytes it likes for each request head. Bodies of requests are
 * not told apart, so for requests without one, or with `onData` for those with.
 */
export async function startRawBackend(
  reply: (head: string, socket: Socket) => unknown,
  onData?: (chunk: Buffer, socket: Socket) => unknown,
): Promise<RawBackend> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let text = '';
    let inBody = false;
    socket.on('data', (chunk) => {
      if (inBody) return onData?.(chunk, socket);
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        heads.push(head);
        inBody = onData !== undefined;
        reply(head, socket);
        if (!inBody) continue;
        if (text !== '') onData?.(Buffer.from(text, 'latin1'), socket);
        return;
      }
    });
  });
  const port = await listen(server);
  onCleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    heads,
    get connections() {
      return connections;
    },
  };
}

/** Lets a server listen on a free port of loopback. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

/** Target and header lines of a head as the backend got it. */
export function parseHead(head: string): { target: string; headers: [string, string][] } {
  const [requestLine = '', ...lines] = head.split('\r\n');
  return {
    target: requestLine.replace(/^\S+ /, '').replace(/ HTTP\/1\.[01]$/, ''),
    headers: lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  };
}

/** All values of a header, in their order. */
export function values(headers: readonly [string, string][], name: string): string[] {
  return headers.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}
