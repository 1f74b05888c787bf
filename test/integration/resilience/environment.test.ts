import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { runProcess } from '../../support/process.ts';
import { isRoot, testIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { describeEachSceneOnce, proxyProcesses } from '../scene.ts';

const NOBODY = 65_534;

const AS_NOBODY = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'] as const;

/** Can another user run this at all? A clone below someone's home is often shut. */
async function canNobodyRun(...command: string[]): Promise<boolean> {
  const [setpriv, ...args] = AS_NOBODY;
  return isRoot && (await runProcess(setpriv, [...args, ...command])).code === 0;
}

const nobodyRunsUs = await canNobodyRun('/bin/sh', '-c', '"$0" "$1" --version', process.execPath, BIN);

describeEachSceneOnce('a daemon', ({ start, proxy }) => {
  async function expectItWorks(options: NonNullable<Parameters<typeof start>[0]>) {
    const backend = await startBackend();
    const signalbox = await start(options);
    await signalbox.add('/user/ada', backend.url);
    expect((await signalbox.get('/user/ada/x')).status).toBe(200);
    await signalbox.add('/a/b/c/d/e', backend.url);
    expect((await signalbox.get('/a/b/c/d/e/x')).status).toBe(200);
    return signalbox;
  }

  // nginx writes its title over what /proc would show.
  const itOfNginx = testIf(proxy.driver === 'nginx', "Traefik's environment is looked at in traefik/managed.test.ts");
  itOfNginx('gives nginx nothing of its environment that could be a secret', async () => {
    const dir = makeTempDir();
    const nginx = join(dir, 'nginx');
    writeFileSync(nginx, `#!/bin/sh\n[ "$1" = -v ] || env > ${dir}/environment\nexec ${proxy.path} "$@"\n`, {
      mode: 0o755,
    });
    const signalbox = await start({ args: ['--nginx', nginx], env: { SECRET_OF_A_HUB: 'hush', TZ: 'UTC' } });
    const given = readFileSync(join(dir, 'environment'), 'utf8');
    expect(given).toMatch(/^PATH=/m);
    expect(given).toMatch(/^TZ=UTC$/m);
    expect(given).not.toContain('hush');
    expect(given).not.toContain(signalbox.token);
    await signalbox.stop();
  });

  it('works under umask 077, in a folder with blanks in its name', async () => {
    const old = process.umask(0o077);
    onCleanup(() => process.umask(old));
    const folder = join(makeTempDir(), 'state of it (1), é');
    const signalbox = await expectItWorks({ stateDir: folder });
    process.umask(old);
    await signalbox.stop();
    expect(proxyProcesses(folder)).toEqual([]);
  });

  testIf(nobodyRunsUs, 'needs root, and a clone that other users may read')('works without root', async ({ skip }) => {
    // setpriv still has root's rights when it looks for the program; a shell has not.
    const version = proxy.driver === 'nginx' ? '-v' : 'version';
    if (!(await canNobodyRun('/bin/sh', '-c', '"$0" "$1"', proxy.path, version))) skip('other users cannot run it');
    const stateDir = join(makeTempDir(), 'state');
    mkdirSync(stateDir);
    chmodSync(stateDir, 0o700);
    chownSync(stateDir, NOBODY, NOBODY);
    const signalbox = await expectItWorks({
      stateDir,
      command: [...AS_NOBODY, process.execPath, BIN, 'serve'],
    });
    await signalbox.stop();
    expect(proxyProcesses(stateDir)).toEqual([]);
  });
});
