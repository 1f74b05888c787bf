import { expect } from 'vitest';
import { ownProcesses } from '../../../src/process/own.ts';
import { commandLine } from '../../../src/process/processes.ts';
import { nginxMark, runningMaster } from '../../../src/proxies/nginx/own-processes.ts';
import { startProcess } from '../../support/process.ts';
import { testAsRoot } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

testAsRoot('to be three users')(
  "takes no other user's process for its nginx, whatever that one calls itself",
  async () => {
    const folder = makeTempDir();
    const call = (uid: number, title: string) =>
      startProcess('setpriv', [
        ...[`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'],
        ...['bash', '-c', `cd ${folder} && exec -a '${title}' sleep 600`],
      ]);
    const theirs = [call(65534, 'nginx: master process'), call(65534, 'nginx: worker process')];
    const ours = [call(0, 'nginx: master process'), call(4242, 'nginx: worker process')];
    for (const { pid } of [...ours, ...theirs]) {
      await until(() => commandLine(pid)?.startsWith('nginx: '), { what: 'it to have its name' });
    }
    const own = { dir: folder, configFile: 'nginx.conf', controlSocket: `${folder}/sock`, workerUid: 4242 };
    expect(ownProcesses(nginxMark(own)).map(({ pid }) => pid)).toEqual(ours.map(({ pid }) => pid));
    expect(runningMaster(own)?.pid).toBe(ours[0]?.pid);
  },
);
