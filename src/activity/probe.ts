import type { Socket } from './sockets.ts';

/** Heads of requests are at most this long; what was sent beyond is a body. See large_client_header_buffers in templates/nginx. */
const LONGEST_HEAD = 80 * 1024;
/** What a TLS client sends in segments of their own before its request: its hello, and its part of the agreement. */
const HANDSHAKE_SEGMENTS = 2;

/** What a look at the sockets found. */
export interface Seen {
  /** When the client last sent data, by the backend's address; ms since 1970. */
  readonly active: ReadonlyMap<string, number>;
  /** Open connections by the backend's address. */
  readonly open: ReadonlyMap<string, number>;
}

/**
 * A connection of one websocket or one body alone has TCP keepalive (templates/nginx); one that many requests share, or whose
 * request has no body, has not. While data is under way TCP does not show which it is.
 */
type Use = 'single' | 'shared' | 'unknown';

interface Known {
  readonly peer: string;
  readonly bytes: number;
  readonly use: Use;
}

/**
 * Compares each look at the sockets with the one before. Data from the client counts, as in configurable-http-proxy: it goes on
 * to the backend, so more bytes sent there on a connection that carries one websocket or one body alone is activity, and a
 * silent one is none. Of a connection that is seen for the first time only what can't be the head of its request counts.
 */
export class Probe {
  #last = new Map<string, Known>();
  /** Backends by the bytes that a single connection to them had got, in this look and the one before. */
  #counts: [now: Map<number, Set<string>>, before: Map<number, Set<string>>] = [new Map(), new Map()];

  /** `isTls`: does nginx speak TLS with that backend? */
  look(sockets: Iterable<Socket>, now: number, isTls: (peer: string) => boolean): Seen {
    const active = new Map<string, number>();
    const open = new Map<string, number>();
    const known = new Map<string, Known>();
    const counts = new Map<number, Set<string>>();
    for (const socket of sockets) {
      const { local, peer, bytesSent: bytes } = socket;
      open.set(peer, (open.get(peer) ?? 0) + 1);
      const id = `${local} ${peer}`;
      const last = this.#last.get(id);
      // Fewer bytes: another connection from the same port.
      const before = last && last.bytes <= bytes ? last : undefined;
      const use = useOf(socket, before?.use);
      known.set(id, { peer, bytes, use });
      if (use === 'single') addTo(counts, bytes, peer);
      if (gotData(socket, use, before?.bytes, isTls(peer))) {
        active.set(peer, Math.max(now - socket.lastSent, active.get(peer) ?? 0));
      }
    }
    this.#last = known;
    this.#counts = [counts, this.#counts[0]];
    return { active, open };
  }

  /**
   * The backends of which a look saw a single connection with exactly so many bytes: when it has ended since with as many,
   * its client had sent nothing after that look.
   */
  backendsOfSilent(bytes: number): readonly string[] {
    return this.#counts.flatMap((counts) => [...(counts.get(bytes) ?? [])]);
  }
}

function useOf({ timer }: Socket, before: Use | undefined): Use {
  if (timer === 'keepalive') return 'single';
  if (timer === 'none') return 'shared';
  return before ?? 'unknown';
}

function gotData(socket: Socket, use: Use, before: number | undefined, isTls: boolean): boolean {
  const { bytesSent, segments, maxSegment } = socket;
  if (use === 'shared') return false;
  // More under way than any head is a body.
  if (use === 'unknown') return bytesSent - (before ?? 0) > LONGEST_HEAD;
  if (before !== undefined) return bytesSent > before;
  // A head leaves in one piece: more segments than its bytes need, or too many bytes, are data that came after.
  const needed = Math.ceil(bytesSent / maxSegment) + (isTls ? HANDSHAKE_SEGMENTS : 0);
  return bytesSent > LONGEST_HEAD || segments > needed;
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
