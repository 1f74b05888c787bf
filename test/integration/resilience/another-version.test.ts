import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { testNginxes } from '../../support/nginx.ts';
import { isAlive } from '../../support/process-tree.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { describeEachScene, masters, status } from '../scene.ts';

/** The same program with another version number, as after an upgrade. */
function upgraded(traefik: string): string {
  const path = join(makeTempDir(), 'traefik');
  writeFileSync(path, `#!/bin/sh\n[ "$1" = version ] && exec echo 'Version:      3.99.0'\nexec ${traefik} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Kills the daemon, not the proxy; the next one finds another program. */
async function upgrade(signalbox: Signalbox, program: readonly string[]): Promise<void> {
  signalbox.kill('SIGKILL');
  await until(() => signalbox.exit(), { what: 'the daemon to be gone' });
  await signalbox.restart(program);
}

describeEachScene(
  'a proxy that an earlier daemon left, when its program was upgraded meanwhile',
  ({ start, proxy }) => {
    it('is replaced, and its open connections live on', async ({ skip }) => {
      const other = testNginxes.find(({ version }) => version !== proxy.version);
      if (proxy.driver === 'nginx' && other === undefined) return skip('there is only one nginx here');
      const [program, version] =
        proxy.driver === 'nginx' ? [other?.path ?? '', other?.version] : [upgraded(proxy.path), '3.99.0'];
      const backend = await startBackend();
      const signalbox = await start({ args: ['--no-pin', '--drain-timeout', '20s'] });
      await signalbox.add('/user/ada', backend.url);
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`, { interval: 20 });
      const [before] = masters(signalbox.stateDir) as [number];

      await upgrade(signalbox, [`--${proxy.driver}`, program]);
      expect((await status(signalbox)).proxy.version).toBe(version);
      expect(signalbox.logs()).toContain('it is replaced');
      expect(signalbox.proxyPid()).not.toBe(before);
      await signalbox.add('/user/bob', backend.url);
      for (const path of ['/user/ada/', '/user/bob/']) expect((await signalbox.get(path)).status).toBe(200);
      expect(isAlive(before)).toBe(true);
      expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
      await until(() => !isAlive(before), { what: 'the earlier one to end with its last connection' });

      // It took nothing with it, and the next daemon has no more to replace.
      const now = signalbox.proxyPid() as number;
      expect(isAlive(now)).toBe(true);
      await upgrade(signalbox, []);
      expect(signalbox.proxyPid()).toBe(now);
      expect((await signalbox.get('/user/bob/')).status).toBe(200);
      await signalbox.stop();
      expect(masters(signalbox.stateDir)).toEqual([]);
    });
  },
);
