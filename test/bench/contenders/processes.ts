import { descendants } from '../../support/process-tree.ts';

/** The pids of a process and of all that it started. */
export function processesOf(pid: number): number[] {
  return [pid, ...descendants(pid).map((one) => one.pid)];
}
