import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A worker process of nginx; `draining` ones belong to an earlier configuration and only finish their connections. */
export interface Worker {
  readonly pid: number;
  readonly draining: boolean;
}

/** Can other processes be seen at all? Only Linux has /proc; elsewhere what depends on it is left out. */
export const canSeeProcesses = process.platform === 'linux';

/** The workers of a master; undefined where processes can't be seen, such as over the border of a pid namespace. */
export function workersOf(master: number): Worker[] | undefined {
  if (!canSeeProcesses) return undefined;
  const children = read(`/proc/${master}/task/${master}/children`);
  if (children === undefined) return undefined;
  const workers: Worker[] = [];
  for (const pid of children.split(' ').filter(Boolean).map(Number)) {
    const title = commandLine(pid);
    // A worker sets this title in the moment in which it stops accepting (ngx_worker_process_cycle).
    if (title?.startsWith('nginx: worker process')) workers.push({ pid, draining: title.includes('shutting down') });
  }
  return workers;
}

/**
 * The nginx processes that run in `folder`: Signalbox starts its nginx there, so this is the mark by which it knows its own,
 * even workers whose master was killed. Processes of other users don't show where they run.
 */
export function nginxesIn(folder: string): { pid: number; master: boolean; draining: boolean }[] {
  if (!canSeeProcesses) return [];
  const found = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || workingFolder(pid) !== folder) continue;
    const title = commandLine(pid);
    if (!title?.startsWith('nginx: ')) continue;
    found.push({ pid, master: title.startsWith('nginx: master'), draining: title.includes('shutting down') });
  }
  return found;
}

/** Is there a process of this id that isn't a zombie? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = canSeeProcesses ? read(`/proc/${pid}/stat`) : undefined;
  return stat === undefined || !/\) [ZX] /.test(stat);
}

function commandLine(pid: number): string | undefined {
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
