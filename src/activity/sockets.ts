import { execFile } from 'node:child_process';

/** One established TCP connection from here to somewhere. */
export interface Socket {
  /** Local address and port: who it is as long as it lives. */
  readonly local: string;
  /** `10.0.0.5:8888`, `[::1]:8888` */
  readonly peer: string;
  readonly bytesSent: number;
  /** How long ago data was last sent, ms. */
  readonly lastSent: number;
  /** Segments with data that were sent. */
  readonly segments: number;
  readonly maxSegment: number;
  /** Has TCP keepalive: templates/nginx turns it on where a connection carries one request alone. */
  readonly keepalive: boolean;
}

const TIMEOUT_MS = 5_000;
const MAX_OUTPUT = 256 * 1024 * 1024;

/** All established connections of this network namespace; see ss(8) of iproute2. Throws when `ss` isn't there. */
export function establishedSockets(): Promise<Socket[]> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT };
    execFile('ss', ['-tniHOo', 'state', 'established'], options, (error, stdout) => {
      if (error) reject(error);
      else resolve(parseSockets(stdout));
    });
  });
}

/** Reads the output of `ss -tniHOo state established`: a line a connection. */
export function parseSockets(output: string): Socket[] {
  const sockets: Socket[] = [];
  for (const line of output.split('\n')) {
    const fields = /^\s*\d+\s+\d+\s+(\S+)\s+(\S+)\s(.*)$/.exec(line);
    if (!fields) continue;
    const [, local, peer, info] = fields as unknown as [string, string, string, string];
    sockets.push({
      local: plain(local),
      peer: plain(peer),
      bytesSent: field(info, 'bytes_sent'),
      lastSent: field(info, 'lastsnd'),
      segments: field(info, 'data_segs_out'),
      maxSegment: field(info, 'mss') || 1,
      keepalive: info.includes('timer:(keepalive'),
    });
  }
  return sockets;
}

/** Addresses of IPv4 on a dual-stack socket, and zones. */
function plain(address: string): string {
  return address.replace(/^\[::ffff:(\d+\.\d+\.\d+\.\d+)\]/, '$1').replace(/%[^\]:]+/, '');
}

function field(info: string, name: string): number {
  return Number(new RegExp(`(?:^|\\s)${name}:(\\d+)`).exec(info)?.[1] ?? 0);
}
