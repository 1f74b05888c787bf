import { expect } from 'vitest';
import { commandLine } from '../../../src/process/processes.ts';
import { nginxesIn } from '../../../src/proxies/nginx/workers.ts';
import { startProcess } from '../../support/process.ts';
import { testAsRoot } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

testAsRoot('to be two users')(
  "takes no other user's process for its nginx, whatever that one calls itself",
  async () => {
    const folder = makeTempDir();
    const call = (uid: number) =>
      startProcess('setpriv', [
        ...[`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'],
        ...['bash', '-c', `cd ${folder} && exec -a 'nginx: master process' sleep 600`],
      ]);
    const [ours, theirs] = [call(0), call(65534)];
    for (const { pid } of [ours, theirs]) {
      await until(() => commandLine(pid)?.startsWith('nginx: master'), { what: 'it to have its name' });
    }
    expect(nginxesIn(folder, 'nginx.conf').map(({ pid }) => pid)).toEqual([ours.pid]);
  },
);
