import type { Mark } from '../../process/own.ts';
import { canSeeProcesses, commandLine, readProc } from '../../process/processes.ts';

/** A worker process of nginx; `draining` ones belong to an earlier configuration and only finish their connections. */
export interface Worker {
  readonly pid: number;
  readonly draining: boolean;
}

/** Recognizes the master of any nginx. */
export const anyMaster: Mark = ({ command }) => command.startsWith('nginx: master');

/** Recognizes a worker of any nginx. */
export const anyWorker: Mark = ({ command }) => command.startsWith('nginx: worker process');

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
