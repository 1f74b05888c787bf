import { spawnSync } from 'node:child_process';

/** Why a program can't be used here; undefined when it can. */
export function missingProgram(name: string): string | undefined {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0
    ? undefined
    : `there is no ${name} on this machine`;
}
