import { canSeeProcesses, commandLine, isAlive, listPids, ownerOf, startOf } from './processes.ts';

/** One process, and not a later one that gets its number. */
export interface OwnProcess {
  readonly pid: number;
  /** When it was started, in ticks of the kernel; undefined where that can't be seen. */
  readonly startedAt: string | undefined;
  /** What it calls itself, or its command line. */
  readonly command: string;
  /** How it was recognized. */
  readonly mark: Mark;
}

/** What can be seen of a process. */
export interface Seen {
  readonly pid: number;
  readonly command: string;
  /** The user it runs as. */
  readonly uid: () => number | undefined;
}

/** Is that process one of those that are looked for? The command line alone proves nothing: any user may set it. */
export type Mark = (seen: Seen) => boolean;

/** The process with that id if it has the mark. Where processes can't be seen, being alive is enough. */
export function ownProcess(pid: number, mark: Mark): OwnProcess | undefined {
  if (!canSeeProcesses) return isAlive(pid) ? unseen(pid, mark) : undefined;
  let command: string | undefined;
  const bearsMark = () => {
    command = commandLine(pid);
    return command !== undefined && mark({ pid, command, uid: () => ownerOf(pid) });
  };
  // Twice, because the id may be given to another process between the two reads.
  if (!bearsMark()) return undefined;
  const startedAt = startOf(pid);
  return startedAt !== undefined && bearsMark() ? { pid, startedAt, command: command ?? '', mark } : undefined;
}

/** A process of which only the id is known. */
export function unseen(pid: number, mark: Mark): OwnProcess {
  return { pid, startedAt: undefined, command: '', mark };
}

/** All processes with the mark; none where processes can't be seen. */
export function ownProcesses(mark: Mark): OwnProcess[] {
  return listPids().flatMap((pid) => ownProcess(pid, mark) ?? []);
}

/** Has it ended? False while that can't be told, for example without a free file descriptor. */
export function hasEnded({ pid, startedAt }: OwnProcess): boolean {
  if (!isAlive(pid)) return true;
  const now = startedAt === undefined ? undefined : startOf(pid);
  return now !== undefined && now !== startedAt;
}

/**
 * Signals the process after looking at it again: its id may belong to another one by now, which gives false.
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
