import { readFileSync } from 'node:fs';
import type { Signalbox } from '../../support/signalbox.ts';

/** Tells the resident memory of nginx's workers, in bytes; Linux only. */
export function workerMemory(box: Signalbox): () => number {
  const master = box.proxyPid();
  const workers = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').split(' ').filter(Boolean);
  return () => workers.reduce((sum, pid) => sum + residentBytes(pid), 0);
}

function residentBytes(pid: string): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    // A worker of an earlier configuration that has ended.
    return 0;
  }
}
