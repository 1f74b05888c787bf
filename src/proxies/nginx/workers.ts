import { canSeeProcesses, commandLine, listPids, ownerOf, readProc, workingFolder } from '../../process/processes.ts';

/** A worker process of nginx; `draining` ones belong to an earlier configuration and only finish their connections. */
export interface Worker {
  readonly pid: number;
  readonly draining: boolean;
}

/** Is that process the master of an nginx? Where processes can't be seen: as far as is known. */
export function isMaster(pid: number): boolean {
  return !canSeeProcesses || commandLine(pid)?.startsWith('nginx: master') === true;
}

/** The workers of a master; undefined where processes can't be seen, such as over the border of a pid namespace. */
export function workersOf(master: number): Worker[] | undefined {
  if (!canSeeProcesses) return undefined;
  const children = readProc(`/proc/${master}/task/${master}/children`);
  if (children === undefined) return undefined;
  const workers: Worker[] = [];
  for (const pid of children.split(' ').filter(Boolean).map(Number)) {
    const title = commandLine(pid);
    // A worker sets this title in the moment in which it stops accepting (ngx_worker_process_cycle).
    if (title?.startsWith('nginx: worker process')) workers.push({ pid, draining: title.includes('shutting down') });
  }
  return workers;
}

/** A process of an nginx of ours; a master that is just starting counts as one. */
export interface OwnProcess {
  readonly pid: number;
  readonly master: boolean;
  readonly draining: boolean;
}

/**
 * The nginx processes that run in `folder`: Signalbox starts its nginx there, so this is the mark by which it knows its own,
 * even workers whose master was killed. One that was started with `configFile` a moment ago has no title of its own yet.
 * Processes of other users don't show where they run.
 */
export function nginxesIn(folder: string, configFile: string): OwnProcess[] {
  const found = [];
  for (const pid of listPids()) {
    if (workingFolder(pid) !== folder) continue;
    const title = commandLine(pid) ?? '';
    const starting = title.endsWith(` -c ${configFile}`) && !title.includes(' -t ');
    if (!starting && !title.startsWith('nginx: ')) continue;
    const master = starting || title.startsWith('nginx: master');
    // Anybody may stand in this folder under that name.
    if (master && ownerOf(pid) !== process.geteuid?.()) continue;
    found.push({ pid, master, draining: title.includes('shutting down') });
  }
  return found;
}

/** Is that process a worker of an nginx? */
export function isWorker(pid: number): boolean {
  return commandLine(pid)?.startsWith('nginx: worker process') === true;
}
