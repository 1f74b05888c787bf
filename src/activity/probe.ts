import type { Socket } from './sockets.ts';

/** Heads of requests are at most this long; what was sent beyond is a body. See large_client_header_buffers in templates/nginx. */
const LONGEST_HEAD = 80 * 1024;
/** Segments that a TLS client sends before its request: its hello, and the end of its handshake. */
const HANDSHAKE_SEGMENTS = 2;

/** What a look at the sockets found. */
export interface SocketsSeen {
  /** When clients last sent data, ms since 1970: one for each connection to a backend's address. */
  readonly active: readonly { readonly peer: string; readonly time: number }[];
  /** Open connections by the backend's address. */
  readonly open: ReadonlyMap<string, number>;
  /** Those of one websocket or one body alone; where connections are mixed, all. */
  readonly single: ReadonlyMap<string, number>;
}

/**
 * A connection of one websocket or one body alone has TCP keepalive (templates/nginx); one that many requests share, or whose
 * request has no body, has not. While data is under way TCP does not show which it is.
 */
type Use = 'single' | 'shared' | 'unknown';

interface Known {
  readonly bytes: number;
  readonly use: Use;
}

/** What one look saw of single connections: by backend, the bytes sent on each, and whether data could be told from a head. */
interface Look {
  readonly time: number;
  readonly singles: ReadonlyMap<string, ReadonlyMap<number, boolean>>;
}

/** See Probe.sawOf. */
export type DataSeen = 'all' | 'once' | 'less' | 'unknown';

/** How long looks are kept: the log lines of what ended after them come within this time, ms. */
const KEEP_MS = 3_000;
/** How much time `ss` may take, ms. */
const BLUR_MS = 500;

/**
 * Compares each look at the sockets with the one before. Data from the client counts, as in configurable-http-proxy: it goes on
 * to the backend, so more bytes sent there on a connection that carries one websocket or one body alone is activity, and a
 * silent one is none. Of a connection that is seen for the first time only what can't be the head of its request counts.
 */
export class Probe {
  readonly #mixed: boolean;
  #last = new Map<string, Known>();
  /** The newest last; at least two. */
  #looks: Look[] = [];

  /** `mixed`: TCP keepalive does not tell single connections from shared ones, so all are taken for single ones. */
  constructor(mixed = false) {
    this.#mixed = mixed;
  }

  /** `isTls`: does the proxy speak TLS with that backend? */
  look(sockets: Iterable<Socket>, now: number, isTls: (peer: string) => boolean): SocketsSeen {
    const active: { peer: string; time: number }[] = [];
    const open = new Map<string, number>();
    const single = new Map<string, number>();
    const known = new Map<string, Known>();
    const singles = new Map<string, Map<number, boolean>>();
    for (const socket of sockets) {
      const { local, peer, bytesSent: bytes } = socket;
      open.set(peer, (open.get(peer) ?? 0) + 1);
      const id = `${local} ${peer}`;
      const last = this.#last.get(id);
      // Fewer bytes: another connection from the same port.
      const before = last && last.bytes <= bytes ? last : undefined;
      const use = this.#mixed ? 'single' : useOf(socket, before?.use);
      known.set(id, { bytes, use });
      const isActive = gotData(socket, use, before?.bytes, isTls(peer));
      if (use === 'single') {
        single.set(peer, (single.get(peer) ?? 0) + 1);
        // At the first look a head with a small body looks like a head.
        note(singles, peer, bytes, isActive || before !== undefined);
      }
      if (isActive) active.push({ peer, time: now - socket.lastSent });
    }
    this.#last = known;
    this.#looks = [
      ...this.#looks.filter(({ time }, at, all) => at === all.length - 1 || now - time < KEEP_MS),
      { time: now, singles },
    ];
    return { active, open, single };
  }

  /** Backends with single connections in the looks that are kept. */
  singles(): Set<string> {
    return new Set(this.#looks.flatMap(({ singles }) => [...singles.keys()]));
  }

  /**
   * How much the looks saw of a single connection that has ended after so many bytes. `all`: everything that its client sent;
   * `once`: everything, but at one look that could not tell it from a head; `less`; `unknown`: no look fell into its lifetime.
   */
  sawOf(peer: string, bytes: number, began: number, ended: number): DataSeen {
    const known = this.#looks.map(({ singles }) => singles.get(peer)?.get(bytes));
    if (known.includes(true)) return 'all';
    if (known.includes(false)) return 'once';
    return this.lookedAt(peer, began, ended) ? 'less' : 'unknown';
  }

  /** Did a look fall into that time, and see a single connection there? */
  lookedAt(peer: string, began: number, ended: number): boolean {
    return this.#looks.some(({ time, singles }) => time - BLUR_MS > began && time <= ended && singles.has(peer));
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

function note(singles: Map<string, Map<number, boolean>>, peer: string, bytes: number, isTold: boolean): void {
  const amounts = singles.get(peer) ?? new Map<number, boolean>();
  amounts.set(bytes, isTold || amounts.get(bytes) === true);
  singles.set(peer, amounts);
}
