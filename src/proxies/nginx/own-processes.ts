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
 * Our nginx has its own working folder, which identifies its processes, even workers whose master was killed. As any user can
 * start a process in that folder and call it nginx, the user is compared too. A process that was started a moment ago has no title
 * yet, and is known by its arguments. Workers of another user hide their folder unless Signalbox has CAP_SYS_PTRACE.
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

/** Masters pass signals on to their workers; workers without a master have to be signalled themselves. */
export function mastersOf(processes: readonly OwnProcess[]): readonly OwnProcess[] {
  const masters = processes.filter(isMaster);
  return masters.length > 0 ? masters : processes;
}

/** The master to take over. */
export function runningMaster(own: OwnNginx): OwnProcess | undefined {
  return ownProcesses(nginxMark(own)).find((one) => isMaster(one) && !isDraining(one));
}

/**
 * Which of them still take connections. A master that is ending removes its control socket, so the next one must not create its
 * own before that. Where no process can be seen, `control` is asked: a worker that answers tells its process id.
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

/** Does it take no new connections any more, and only finish the open ones? For a master, its workers tell. */
function isDraining(one: OwnProcess): boolean {
  if (!isMaster(one)) return one.command.includes('shutting down');
  const workers = workersOf(one.pid) ?? [];
  return workers.length > 0 && workers.every(({ draining }) => draining);
}
