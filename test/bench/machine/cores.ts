import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { which } from '../../../scripts/setup/run.mjs';

/**
 * The contender has one core for itself, and what asks and answers it (generator, backend, this process) has the others: so
 * that a slow generator is no part of the figures. What a pinned process starts is pinned with it.
 */
const CONTENDER = '0';
const OTHERS = `1-${availableParallelism() - 1}`;

export const canPin = availableParallelism() > 1 && which('taskset') !== undefined;

/** A command line that runs on the contender's core. */
export function onContendersCore(command: string, args: readonly string[] = []): [string, ...string[]] {
  return canPin ? ['taskset', '--cpu-list', CONTENDER, command, ...args] : [command, ...args];
}

/** Moves this process, and with it all that it starts from now on, off the contender's core. */
export function leaveContendersCore(): void {
  if (canPin) execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', OTHERS, `${process.pid}`]);
}
