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
