import { processMemory, startOf } from '../../process/processes.ts';
import type { Draining } from '../driver.ts';
import type { Worker } from './workers.ts';

/** Workers of one generation are started one right after the other; ticks of 10 ms. */
const TOGETHER = 20;

/** The workers that only finish their connections; undefined where workers can't be seen. */
export function drainingOf(workers: readonly Worker[] | undefined): Draining | undefined {
  const pids = workers?.filter(({ draining }) => draining).map(({ pid }) => pid);
  if (pids === undefined) return undefined;
  const starts = pids.map((pid) => Number(startOf(pid) ?? 0)).sort((a, b) => a - b);
  const generations = starts.filter((start, at) => at === 0 || start - (starts[at - 1] as number) > TOGETHER).length;
  return {
    workers: pids.length,
    generations,
    // The kernel walks all their pages for it.
    get bytes() {
      const memory = pids.map(processMemory);
      return memory.includes(undefined) ? undefined : memory.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    },
  };
}
