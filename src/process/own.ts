import { canSeeProcesses, commandLine, isAlive, listPids, ownerOf, readProc } from './processes.ts';

/** One process, and not a later one that gets its number. */
export interface OwnProcess {
  readonly pid: number;
  /** When it was started, in ticks of the kernel; undefined where that can't be seen. */
  readonly startedAt: string | undefined;
  /** What it calls itself, or its command line. */
  readonly command: string;
  /** By which it is known. */
  readonly mark: Mark;
}

/** What can be seen of a process. */
export interface Seen {
  readonly pid: number;
  readonly command: string;
  /** The user it runs as. */
  readonly uid: () => number | undefined;
}

/** Is that process one of those that are looked for? Its command line alone says little: anybody may call a process as they like. */
export type Mark = (seen: Seen) => boolean;

/** The process of that number if it bears the mark; where processes can't be seen it has to be alive, and no more. */
export function ownProcess(pid: number, mark: Mark): OwnProcess | undefined {
  if (!canSeeProcesses) return isAlive(pid) ? unseen(pid, mark) : undefined;
  let command: string | undefined;
  const bearsMark = () => {
    command = commandLine(pid);
    return command !== undefined && mark({ pid, command, uid: () => ownerOf(pid) });
  };
  // Twice, because its number may go to another one amid the look.
  if (!bearsMark()) return undefined;
  const startedAt = startOf(pid);
  return startedAt !== undefined && bearsMark() ? { pid, startedAt, command: command ?? '', mark } : undefined;
}

/** One of which no more is known than its number. */
export function unseen(pid: number, mark: Mark): OwnProcess {
  return { pid, startedAt: undefined, command: '', mark };
}

/** All processes that bear the mark; none where processes can't be seen. */
export function ownProcesses(mark: Mark): OwnProcess[] {
  return listPids().flatMap((pid) => ownProcess(pid, mark) ?? []);
}

/** Has it ended? Not while that can't be told, as for a moment without a free file descriptor. */
export function hasEnded({ pid, startedAt }: OwnProcess): boolean {
  if (!isAlive(pid)) return true;
  const now = startedAt === undefined ? undefined : startOf(pid);
  return now !== undefined && now !== startedAt;
}

/**
 * Signals the process after a new look at it: its number may have gone to somebody else's. False when it is not what it was.
 * Throws when it takes no signals from us.
 */
export function signal(known: OwnProcess, name: NodeJS.Signals): boolean {
  if (ownProcess(known.pid, known.mark) === undefined || hasEnded(known)) return false;
  try {
    return process.kill(known.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Field 22 of proc_pid_stat(5), counted from behind the name, which may have blanks and parentheses in it. */
function startOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  const [state = 'X', ...fields] = stat?.slice(stat.lastIndexOf(') ') + 2).split(' ') ?? [];
  return 'ZX'.includes(state) ? undefined : fields[18];
}
