import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { testIf } from '../../support/skip.ts';
import { connectSilently, leaveDescriptors, noLimits } from '../../support/surroundings/few-descriptors.ts';
import { until } from '../../support/wait.ts';
import { startSidecar } from '../doctor/sidecar.ts';
import { describeEachSceneOnce, isReady, masters, proxyProcesses } from '../scene.ts';

/** Long enough for each timer of the daemon to find it so, and for some more than once. */
const SOME_TIME_MS = 6_000;

const lastActivity = async (signalbox: Signalbox) =>
  Date.parse((await signalbox.api('GET', '/api/routes/user/ada')).json<{ last_activity: string }>().last_activity);

testIf(!noLimits, `${noLimits}`)(
  'whoever reaches the API cannot use them up: silent connections are too many at some point',
  async () => {
    const shell = ['/bin/sh', '-c', 'ulimit -n 200; exec "$0" "$@"'] as const;
    const signalbox = await startSignalbox({ proxy: anyProxy(), command: [...shell, process.execPath, BIN, 'serve'] });
    const silent = await connectSilently(signalbox.apiPort, 300);
    await until(() => signalbox.logs().includes('all the connections it takes'), { what: 'the refusal' });
    signalbox.kill('SIGHUP');
    await until(() => signalbox.logs().includes('SIGHUP'), { what: 'the check of the proxy' });
    for (const socket of silent) socket.destroy();
    await until(() => isReady(signalbox), { what: 'the API to take connections again' });
    expect(signalbox.logs()).not.toMatch(/EMFILE|too many open files/i);
    expect(await signalbox.stop()).toEqual({ code: 0, signal: null });
  },
);

describeEachSceneOnce('without a free file descriptor', ({ start, proxy: { driver } }) => {
  testIf(!noLimits, `${noLimits}`)('a daemon goes on, and catches up when there are some again', async () => {
    const backend = await startBackend();
    const often = ['--activity-probe-interval', '1s', '--resolve-interval', '200ms'];
    const signalbox = await start({ args: driver === 'nginx' ? [...often, '--pin-interval', '100ms'] : often });
    await signalbox.add('/user/ada', backend.url.replace('127.0.0.1', 'localhost'));
    const release = leaveDescriptors(signalbox.pid, 0);
    signalbox.kill('SIGHUP');
    await connectSilently(signalbox.apiPort, 5);
    await delay(SOME_TIME_MS / 2);
    for (const pid of masters(signalbox.stateDir)) process.kill(pid, 'SIGTERM');
    await delay(SOME_TIME_MS / 2);
    expect(signalbox.exit()).toBeUndefined();
    release();
    await until(() => isReady(signalbox), { what: 'the proxy to be back', timeout: 20_000 });
    const before = await lastActivity(signalbox);
    expect((await signalbox.get('/user/ada/x')).status).toBe(200);
    await until(async () => (await lastActivity(signalbox)) > before, { what: 'the request to count' });
    await signalbox.add('/a/b/c/d/e', backend.url);
    expect((await signalbox.get('/a/b/c/d/e/x')).status).toBe(200);
    expect(await signalbox.stop()).toEqual({ code: 0, signal: null });
    expect(proxyProcesses(signalbox.stateDir)).toEqual([]);
  });
});

describeEachSceneOnce(
  'beside an nginx of somebody else',
  ({ proxy }) => {
    it('a pid file that cannot be read ends nothing', async () => {
      const { signalbox, pidFile } = await startSidecar(proxy);
      await signalbox.stop();
      await signalbox.restart(['--nginx-pid-file', dirname(pidFile)]);
      // Fits no path, and so takes a reload.
      await signalbox.add('/user//ada', 'http://127.0.0.1:9').catch(() => undefined);
      expect((await signalbox.api('GET', '/status')).status).toBe(200);
      expect(signalbox.exit()).toBeUndefined();
    });
  },
  ['nginx'],
);
