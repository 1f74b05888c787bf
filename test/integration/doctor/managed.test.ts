import { expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/cli/doctor/catalogue.ts';
import type { Examined } from '../../../src/cli/doctor/examine.ts';
import { proxyFlags } from '../../support/proxies.ts';
import { runCli } from '../cli/run-cli.ts';
import { describeEachSceneOnce } from '../scene.ts';

describeEachSceneOnce('doctor at a proxy of our own', ({ start, proxy }) => {
  it('finds nothing wrong when nothing is wrong, and sees that the daemon has ended', async () => {
    const signalbox = await start({ args: ['--activity-probe-interval', '1s'] });
    const listen = ['--public', `127.0.0.1:${signalbox.port}`, '--api', `127.0.0.1:${signalbox.apiPort}`];
    const flags = [...proxyFlags(proxy), ...listen, '--state-dir', signalbox.stateDir];
    const env = { SIGNALBOX_API_TOKEN: signalbox.token, HOME: '/', PATH: process.env.PATH };
    const doctor = async () => {
      const { code, out } = await runCli(['doctor', '--json', ...flags], env);
      return { code, found: JSON.parse(out) as Examined[] };
    };

    const { code, found } = await doctor();
    expect(found.filter(({ result }) => result === 'fail' || result === 'warn')).toEqual([]);
    expect(code).toBe(0);
    expect(found.map(({ id }) => id)).toEqual(Object.keys(CATALOGUE));
    expect(found.find(({ id }) => id === 'access-log')).toMatchObject({ result: 'ok' });

    await signalbox.stop();
    const after = await doctor();
    expect(after.code).toBe(1);
    expect(after.found.find(({ id }) => id === 'api')).toMatchObject({ result: 'fail' });
  });
});
