import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SignalboxError } from '../errors.ts';

/** Writes our pid, without a line break as CHP does. Returns what removes the file, unless it has another pid by then. */
export function writePidFile(path: string): () => void {
  const pid = String(process.pid);
  try {
    writeFileSync(path, pid);
  } catch (error) {
    throw new SignalboxError('STATE_UNUSABLE', `the pid file ${path} can't be written`, {
      cause: error,
      hint: 'Choose another path with --pid-file.',
    });
  }
  return () => {
    try {
      if (readFileSync(path, 'utf8') === pid) rmSync(path);
    } catch {
      // gone already
    }
  };
}
