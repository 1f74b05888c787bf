import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Can other processes be seen at all? Only Linux has /proc; elsewhere what depends on it is left out. */
export const canSeeProcesses = process.platform === 'linux';

/** Is there a process of this id that isn't a zombie? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = canSeeProcesses ? readProc(`/proc/${pid}/stat`) : undefined;
  return stat === undefined || !/\) [ZX] /.test(stat);
}

/** With blanks between its words; undefined when it can't be seen. */
export function commandLine(pid: number): string | undefined {
  return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
}

/** Undefined for a process of another user, as a rule. */
export function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** The user it runs as; undefined when it has ended. */
export function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}

/**
 * When it was started, in ticks of the kernel; undefined when it has ended. Field 22 of proc_pid_stat(5), counted from behind the name,
 * which may have blanks and parentheses in it.
 */
export function startOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  const [state = 'X', ...fields] = stat?.slice(stat.lastIndexOf(') ') + 2).split(' ') ?? [];
  return 'ZX'.includes(state) ? undefined : fields[18];
}

/** Bytes that it has for itself, without what it shares; undefined for a process of another user, as a rule. */
export function processMemory(pid: number): number | undefined {
  const text = readProc(`/proc/${pid}/smaps_rollup`);
  if (text === undefined) return undefined;
  const kilobytes = [...text.matchAll(/^Private_\w+: +(\d+) kB$/gm)].map(([, number]) => Number(number));
  return kilobytes.reduce((sum, one) => sum + one, 0) * 1024;
}

/** A file of /proc, undefined when it can't be read. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Every process; none where they can't be seen, as for a moment without a free file descriptor. */
export function listPids(): number[] {
  if (!canSeeProcesses) return [];
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
