import { readIfThere } from '../system/files.ts';

/** The process id in a pid file; undefined when the file isn't there or has none in it. Throws when it can't be read. */
export function pidInFile(path: string): number | undefined {
  const pid = Number(readIfThere(path)?.trim() || Number.NaN);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}
