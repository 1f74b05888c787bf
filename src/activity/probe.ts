import type { Socket } from './sockets.ts';

/** Heads of requests are at most this long; what was sent beyond is a body. See large_client_header_buffers in templates/nginx. */
const LONGEST_HEAD = 80 * 1024;

/** What a look at the sockets found. */
export interface Seen {
  /** When the client last sent data, by the backend's address; ms since 1970. */
  readonly active: Map<string, number>;
  /** Open connections by the backend's address. */
  readonly open: Map<string, number>;
}

/**
 * Compares each look at the sockets with the one before. Data from the client counts, as in configurable-http-proxy: it goes on
 * to the backend, so more bytes sent there on a connection that carries one websocket or one body alone (those have TCP
 * keepalive) is activity, and a silent one is none. Of a connection that is seen for the first time only what can't be the head
 * of its request counts.
 */
export class Probe {
  #before = new Map<string, number>();

  look(sockets: Iterable<Socket>, isTarget: (address: string) => boolean, now: number): Seen {
    const active = new Map<string, number>();
    const open = new Map<string, number>();
    const sent = new Map<string, number>();
    for (const socket of sockets) {
      if (!isTarget(socket.peer)) continue;
      open.set(socket.peer, (open.get(socket.peer) ?? 0) + 1);
      if (!socket.keepalive) continue;
      const id = `${socket.local} ${socket.peer}`;
      const before = this.#before.get(id);
      sent.set(id, socket.bytesSent);
      if (before === undefined ? !sentMoreThanHead(socket) : socket.bytesSent <= before) continue;
      const time = now - socket.lastSent;
      active.set(socket.peer, Math.max(time, active.get(socket.peer) ?? 0));
    }
    this.#before = sent;
    return { active, open };
  }
}

/** A head leaves in one piece: more segments than its bytes need, or too many bytes, are data that came after. */
function sentMoreThanHead({ bytesSent, segments, maxSegment }: Socket): boolean {
  return bytesSent > LONGEST_HEAD || segments > Math.ceil(bytesSent / maxSegment);
}
