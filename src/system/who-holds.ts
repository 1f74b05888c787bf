import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Who listens on a TCP port, as `nginx (pid 123)`; undefined where that can't be seen: not on Linux, or the process is
 * another user's and we are not root. https://docs.kernel.org/networking/proc_net_tcp.html
 */
export function portHolder(port: number): string | undefined {
  return holderOf(new Set([...inodesIn('/proc/net/tcp', port), ...inodesIn('/proc/net/tcp6', port)]));
}

/** The same for the path of a unix socket. */
export function socketHolder(path: string): string | undefined {
  // Num RefCount Protocol Flags Type St Inode Path; flag 0x10000 is __SO_ACCEPTCON: it listens
  const rows = linesOf('/proc/net/unix').map((line) => /^\S+ \S+ \S+ 00010000 \S+ \S+ +(\d+) (.*)$/.exec(line));
  return holderOf(new Set(rows.flatMap((row) => (row?.[2] === resolve(path) ? [String(row[1])] : []))));
}

/** The inodes of the sockets that listen on the port, on whatever address. */
function inodesIn(table: string, port: number): string[] {
  const LISTEN = '0A';
  return linesOf(table).flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const matches = state === LISTEN && Number.parseInt(local.split(':').at(-1) ?? '', 16) === port;
    return matches && inode !== undefined ? [inode] : [];
  });
}

/** All who share the socket, a master and its workers, are one program: the one with the lowest pid was there first. */
function holderOf(inodes: ReadonlySet<string>): string | undefined {
  if (inodes.size === 0) return undefined;
  const pids = namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b));
  const pid = pids.find((candidate) => holds(candidate, inodes));
  return pid === undefined ? undefined : `${nameOf(pid)} (pid ${pid})`;
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  return namesIn(`/proc/${pid}/fd`).some((fd) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    } catch {
      return false; // closed in the meantime
    }
  });
}

/** The name of the program file: what a process calls itself may be `MainThread`. */
function nameOf(pid: string): string {
  const [program = ''] = (linesOf(`/proc/${pid}/cmdline`)[0] ?? '').split('\0');
  // nginx writes a sentence there: "nginx: master process …"
  const name = /^([\w.-]+): /.exec(program)?.[1] ?? program.split('/').at(-1);
  return name || (linesOf(`/proc/${pid}/comm`)[0] ?? 'a process');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
