import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  /** Dead, but not yet waited for by its parent. */
  readonly zombie: boolean;
  readonly command: string;
}

/** Is there such a process, and not merely its zombie? A container's first process may never wait for orphans. */
export function isAlive(pid: number): boolean {
  return listProcesses().some((one) => one.pid === pid && !one.zombie);
}

/** The living children of a process, their children, and so on. */
export function descendants(pid: number): ProcessInfo[] {
  const all = listProcesses().filter((one) => !one.zombie);
  const found: ProcessInfo[] = [];
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const child of all.filter((one) => one.ppid === parent)) {
      found.push(child);
      parents.push(child.pid);
    }
  }
  return found;
}

/** All processes: from /proc, since a slim container has no ps; from ps where there is no /proc (macOS). */
export function listProcesses(): ProcessInfo[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

function fromProc(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // proc(5): pid (comm) state ppid …; the name may hold brackets and blanks itself.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state = '', ppid = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ pid: Number(name), ppid: Number(ppid), zombie: state === 'Z', command });
    } catch {
      // it ended meanwhile
    }
  }
  return found;
}

function fromPs(): ProcessInfo[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, ppid, stat = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    return pid ? [{ pid: Number(pid), ppid: Number(ppid), zombie: stat.startsWith('Z'), command }] : [];
  });
}
