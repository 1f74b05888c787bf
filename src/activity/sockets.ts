import { spawn } from 'node:child_process';
import { SignalboxError } from '../errors.ts';

/** One established TCP connection from here to somewhere. */
export interface Socket {
  /** Local address and port: who it is as long as it lives. */
  readonly local: string;
  /** `10.0.0.5:8888`, `[::1]:8888` */
  readonly peer: string;
  /** Data that was given to it, less what had to be sent again. */
  readonly bytesSent: number;
  /** How long ago data was last sent, ms. */
  readonly lastSent: number;
  /** Segments with data that were sent. */
  readonly segments: number;
  readonly maxSegment: number;
  /**
   * What TCP waits for: `keepalive` only where that is turned on and nothing is under way, `other` (an acknowledgement, room)
   * hides whether it is.
   */
  readonly timer: 'keepalive' | 'other' | 'none';
}

const TIMEOUT_MS = 5_000;

/** The established connections of this network namespace to such peers; see ss(8) of iproute2. Throws when `ss` isn't there. */
export function establishedSockets(isWanted: (peer: string) => boolean): Promise<Socket[]> {
  return new Promise((resolve, reject) => {
    const sockets: Socket[] = [];
    let rest = '';
    let complaint = '';
    const child = spawn('ss', ['-tniHOo', 'state', 'established'], { stdio: ['ignore', 'pipe', 'pipe'] });
    // First of all: one that could not be started has no outputs.
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const missing = error.code === 'ENOENT' ? '`ss` (of iproute2) was not found' : error.message;
      reject(new SignalboxError('INTERNAL', missing, { cause: error }));
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    // In pieces, for tens of thousands of connections make tens of megabytes.
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const socket = parseSocket(line, isWanted);
        if (socket) sockets.push(socket);
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 500);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(sockets);
      const ended = signal === null ? `status ${code}` : `${signal}`;
      reject(new SignalboxError('INTERNAL', `\`ss\` failed: ${complaint.trim() || ended}`));
    });
  });
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
