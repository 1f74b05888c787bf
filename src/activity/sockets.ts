import { SignalboxError } from '../errors.ts';
import { run } from '../process/run.ts';

/** One established TCP connection from here to somewhere. */
export interface Socket {
  /** Local address and port, which identify it while it is open. */
  readonly local: string;
  /** `10.0.0.5:8888`, `[::1]:8888` */
  readonly peer: string;
  /** Bytes that were sent, without retransmissions. */
  readonly bytesSent: number;
  /** How long ago data was last sent, ms. */
  readonly lastSent: number;
  /** Segments with data that were sent. */
  readonly segments: number;
  readonly maxSegment: number;
  /**
   * TCP's timer: `keepalive` when that is turned on and nothing is under way; `other` (retransmission, zero window) hides whether it is
   * turned on.
   */
  readonly timer: 'keepalive' | 'other' | 'none';
}

const TIMEOUT_MS = 5_000;

/** The established connections of this network namespace to such peers; see ss(8) of iproute2. Throws when `ss` isn't there. */
export async function establishedSockets(isWanted: (peer: string) => boolean): Promise<Socket[]> {
  const sockets: Socket[] = [];
  // Line by line, because tens of thousands of connections make tens of megabytes.
  const onLine = (line: string) => {
    const socket = parseSocket(line, isWanted);
    if (socket) sockets.push(socket);
  };
  const { stderr, failure, code } = await run('ss', ['-tniHOo', 'state', 'established'], {
    limitMs: TIMEOUT_MS,
    onLine,
  });
  if (failure === undefined) return sockets;
  if (code === 'ENOENT') throw new SignalboxError('INTERNAL', '`ss` (of iproute2) was not found');
  if (code !== undefined) throw new SignalboxError('INTERNAL', failure);
  throw new SignalboxError('INTERNAL', `\`ss\` failed: ${stderr.trim().slice(0, 500) || failure}`);
}

/** Reads one line of `ss -tniHOo state established`; undefined for an unwanted peer. */
export function parseSocket(line: string, isWanted: (peer: string) => boolean): Socket | undefined {
  const [, local, peer, info] = /^\s*\d+\s+\d+\s+(\S+)\s+(\S+)\s(.*)$/.exec(line) ?? [];
  if (local === undefined || peer === undefined || info === undefined) return undefined;
  const address = plain(peer);
  if (!isWanted(address)) return undefined;
  const timer = /\btimer:\((\w+)/.exec(info)?.[1];
  return {
    local: plain(local),
    peer: address,
    bytesSent: count(/ bytes_sent:(\d+)/, info) - count(/ bytes_retrans:(\d+)/, info),
    lastSent: count(/ lastsnd:(\d+)/, info),
    segments: count(/ data_segs_out:(\d+)/, info),
    maxSegment: count(/ mss:(\d+)/, info) || 1,
    timer: timer === undefined ? 'none' : timer === 'keepalive' ? 'keepalive' : 'other',
  };
}

/** Addresses of IPv4 on a dual-stack socket, and zones. */
function plain(address: string): string {
  return address.replace(/^\[::ffff:(\d+\.\d+\.\d+\.\d+)\]/, '$1').replace(/%[^\]:]+/, '');
}

function count(pattern: RegExp, info: string): number {
  return Number(pattern.exec(info)?.[1] ?? 0);
}
