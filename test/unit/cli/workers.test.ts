import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { userOf } from '../../../src/cli/doctor/checks/workers.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { noOtherUsers } from '../../support/other-users.ts';
import { describeIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';

describeIf(!noOtherUsers, noOtherUsers ?? '', 'whom a worker runs as', () => {
  it.each([
    ['--clear-groups', []],
    ['--groups=4002,4003', [4002, 4003]],
  ])('it is in the groups that it was started with: %s', async (flag, groups) => {
    const child = spawn('setpriv', ['--reuid=4001', '--regid=4004', flag, 'sleep', '60'], { stdio: 'ignore' });
    onCleanup(() => child.kill());
    const pid = child.pid as number;
    // setpriv becomes the user step by step, and then the program.
    await until(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep'), { what: 'the program to run' });
    expect(userOf(pid)).toEqual({ uid: 4001, gid: 4004, groups });
  });
});
