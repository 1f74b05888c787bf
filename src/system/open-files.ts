import { readFileSync } from 'node:fs';

/** The hard limit of open files, to which Node raises its soft limit at the start. */
export function openFilesLimit(): number {
  try {
    const limit = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return Math.min(Number(limit ?? 4096), 65_536);
  } catch {
    return 4096;
  }
}
