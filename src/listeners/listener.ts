import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { openFilesLimit } from '../system/open-files.ts';

/** The most connections on each address, so that clients can't use up the daemon's file descriptors. */
const MOST_CONNECTIONS = Math.min(512, Math.floor(openFilesLimit() / 8));

/** Something that listens, on one or more addresses. */
export interface Listener {
  /** For the log: `127.0.0.1:8001`, `/run/hub/api.sock`. */
  readonly where: string;
  /** The TCP port, which the system may have chosen; undefined on a unix socket. */
  readonly port: number | undefined;
  /** Looks whether certificates were renewed; happens every few seconds anyway. */
  renew(): void;
  /** Takes no new connections, lets running requests end for so many milliseconds, then cuts them off. */
  close(graceMs?: number): Promise<void>;
}

/** Wraps the handler so that a server which closes ends each connection with its answer. */
export class Closing {
  #closing = false;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  handler(answer: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#closing) response.setHeader('connection', 'close');
      // A kept-alive connection becomes idle a moment after its answer: Node looks for idle ones only once, at close().
      response.once('close', () => setImmediate(() => this.#closing && this.#closeIdle()));
      answer(request, response);
    };
  }

  add(server: Server): void {
    this.#servers.push(server);
    // A connection that can't be accepted, for want of a file descriptor, is no reason to end.
    server.on('error', () => {});
    server.maxConnections = MOST_CONNECTIONS;
    // Node's closeAllConnections leaves out connections that are still in their TLS handshake.
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const late = setTimeout(() => this.#cutOff(), graceMs);
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    this.#closeIdle();
    await Promise.all(closed);
    clearTimeout(late);
  }

  #cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #closeIdle(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }
}
