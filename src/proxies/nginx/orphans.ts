import { setTimeout as delay } from 'node:timers/promises';
import { send } from '../../process/processes.ts';
import type { Control } from './control.ts';
import { isWorker, nginxesIn } from './workers.ts';

const PATIENCE_MS = 1_000;

/**
 * Stops what an nginx of ours left: workers whose master was killed go on serving and hold the port. QUIT closes their
 * listeners, not their connections. `control` is asked too: in a container without CAP_SYS_PTRACE it is not to be seen
 * where a worker of another user runs, but one that answers on our socket tells its process id.
 */
export async function clearOrphans(dir: string, configFile: string, control: Control): Promise<number[]> {
  const told = new Set<number>();
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const left = await stillListening(dir, configFile, control);
    if (left.length === 0) return [...told];
    const patient = Date.now() < deadline;
    for (const { pid, master } of left) {
      if (patient && told.has(pid)) continue;
      // TERM for a master, which would otherwise start new workers until its old ones have ended.
      send(pid, !patient ? 'SIGKILL' : master ? 'SIGTERM' : 'SIGQUIT');
      told.add(pid);
    }
    if (!patient) return [...told];
    await delay(5);
  }
}

/** The master first: it would start new workers. */
async function stillListening(dir: string, configFile: string, control: Control) {
  const seen = nginxesIn(dir, configFile).filter(({ draining }) => !draining);
  if (seen.length > 0) return seen.toSorted((a, b) => Number(b.master) - Number(a.master));
  const pid = await control.servedAfresh().then(
    (served) => served.pid,
    () => undefined,
  );
  return pid !== undefined && isWorker(pid) ? [{ pid, master: false, draining: false }] : [];
}
