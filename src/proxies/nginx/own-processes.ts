import { existsSync } from 'node:fs';
import { type Mark, type OwnProcess, ownProcess, ownProcesses } from '../../process/own.ts';
import { workingFolder } from '../../process/processes.ts';
import type { Control } from './control.ts';
import { anyWorker, workersOf } from './workers.ts';

export interface OwnNginx {
  /** Working folder of our nginx, which is the mark of its processes. */
  readonly dir: string;
  readonly configFile: string;
  readonly controlSocket: string;
  /** Whom its workers run as, when that is not ourselves. */
  readonly workerUid: number | undefined;
}

/**
 * An nginx of ours runs in its own folder. So its processes are known, even workers whose master was killed; but anybody may stand
 * in that folder and call himself nginx, so the user counts, too. One that was started with our configuration a moment ago has
 * no title of its own yet. Workers of another user don't show where they run unless Signalbox has CAP_SYS_PTRACE.
 */
export function nginxMark({ dir, configFile, workerUid }: OwnNginx): Mark {
  return ({ pid, command, uid }) => {
    const isMaster = isStarting(command, configFile) || command.startsWith('nginx: master');
    if (!isMaster && !command.startsWith('nginx: ')) return false;
    const user = uid();
    const isUsers = user === process.geteuid?.() || (!isMaster && user === workerUid);
    return isUsers && workingFolder(pid) === dir;
  };
}

/** The masters tell their workers what they are told; workers without one have to be told themselves. */
export function mastersOf(processes: readonly OwnProcess[]): readonly OwnProcess[] {
  const masters = processes.filter(isMaster);
  return masters.length > 0 ? masters : processes;
}

/** The master to take over, among all of ours. */
export function runningMaster(own: OwnNginx): OwnProcess | undefined {
  return ownProcesses(nginxMark(own)).find((one) => isMaster(one) && !isDraining(one));
}

/**
 * Which of ours still take connections. A master that was told to end removes its control socket: until then the next one must
 * not make its own. `control` is asked where no process shows: a worker that answers on our socket tells its process id.
 */
export async function acceptingNginxes(
  own: readonly OwnProcess[],
  told: ReadonlySet<number>,
  control: Pick<Control, 'servedAfresh'>,
  controlSocket: string,
): Promise<readonly OwnProcess[]> {
  const leaves = (one: OwnProcess) =>
    isDraining(one) && !(isMaster(one) && told.has(one.pid) && existsSync(controlSocket));
  const left = own.filter((one) => !leaves(one));
  if (left.length > 0) return left;
  const pid = await control.servedAfresh().then(
    (served) => served.pid,
    () => undefined,
  );
  const worker = pid === undefined ? undefined : ownProcess(pid, anyWorker);
  return worker ? [worker] : [];
}

function isMaster({ command }: OwnProcess): boolean {
  return !command.startsWith('nginx: ') || command.startsWith('nginx: master');
}

function isStarting(command: string, configFile: string): boolean {
  return command.endsWith(` -c ${configFile}`) && !command.includes(' -t ');
}

/** Has it stopped to take connections, and only finishes those that are open? Of a master its workers show it. */
function isDraining(one: OwnProcess): boolean {
  if (!isMaster(one)) return one.command.includes('shutting down');
  const workers = workersOf(one.pid) ?? [];
  return workers.length > 0 && workers.every(({ draining }) => draining);
}
