import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BIN } from '../../support/bin.ts';
import { isPortFree } from '../../support/ports.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { launched } from '../chp/launch.ts';
import { describeEachSceneOnce, isReady, proxyProcesses } from '../scene.ts';

/** What would end a program that does not listen to it, and is not meant to end a daemon. */
const HARMLESS = ['SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGIO', 'SIGSTKFLT', 'SIGPIPE', 'SIGXFSZ'] as const;

async function expectItEnded(signalbox: Signalbox): Promise<void> {
  expect(proxyProcesses(signalbox.stateDir)).toEqual([]);
  expect(await isPortFree(signalbox.port)).toBe(true);
}

describeEachSceneOnce(
  'a signal',
  ({ start }) => {
    it('that is not meant to end a daemon does nothing; one that is ends the proxy, too', async () => {
      const signalbox = await start();
      for (const signal of HARMLESS) signalbox.kill(signal);
      // It comes behind them.
      signalbox.kill('SIGHUP');
      await until(() => signalbox.logs().includes('"reason":"SIGHUP"'), { what: 'the answer to SIGHUP' });
      await until(() => isReady(signalbox), { what: 'the check of the proxy' });
      expect(signalbox.logs()).not.toContain('Debugger');
      expect(await signalbox.stop('SIGQUIT')).toEqual({ code: 0, signal: null });
      await expectItEnded(signalbox);
    });
  },
  ['nginx'],
);

it('every signal that ends a daemon ends the proxy, too', async () => {
  const ends = (['SIGABRT', 'SIGALRM', 'SIGXCPU', 'SIGPWR'] as const).map(async (signal) => {
    const signalbox = await startSignalbox({ proxy: anyProxy() });
    expect(await signalbox.stop(signal), signal).toEqual({ code: 0, signal: null });
    await expectItEnded(signalbox);
  });
  await Promise.all(ends);
});

/** Has Node send the process such signals from its first moment until it serves, or a second has passed. */
const BARRAGE = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
  const timer = setInterval(() => {
    for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2']) process.kill(process.pid, signal);
  }, 2);
  setTimeout(() => clearInterval(timer), 1000);
`)}`,
] as const;

it('a daemon that is told to reload while it starts goes on', async () => {
  const signalbox = await startSignalbox({ proxy: anyProxy(), command: [process.execPath, ...BARRAGE, BIN, 'serve'] });
  expect(signalbox.logs()).not.toContain('Debugger');
  expect(await signalbox.stop()).toEqual({ code: 0, signal: null });
  await expectItEnded(signalbox);
});

it('so does signalbox chp, which ends with the code of configurable-http-proxy', async () => {
  const chp = await launched({ proxy: anyProxy(), nodeArgs: BARRAGE });
  expect(chp.child.output()).not.toContain('Debugger');
  expect(await chp.child.stop('SIGQUIT')).toEqual({ code: 2, signal: null });
  expect(readdirSync(chp.tmp)).toEqual([]);
  expect(await isPortFree(chp.port)).toBe(true);
});
