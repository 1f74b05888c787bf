import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { isPortFree } from '../../support/ports.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import { until } from '../../support/wait.ts';
import { type Chp, launch, launched } from './launch.ts';

/** How often each way to end is gone through; more by hand. */
const ROUNDS = Number(process.env.AGAIN_ROUNDS ?? 1);

type End = (chp: Chp) => unknown;

const kill: End = (chp) => chp.child.stop('SIGKILL');
const stop: End = (chp) => chp.child.stop('SIGTERM');

describeEachProxyOnce('signalbox chp, again and again on the same ports', (proxy) => {
  /** Ended as soon as it has said so much. */
  const early = (end: End, said: RegExp) => async (like: Chp) => {
    const chp = await launch({ proxy, like });
    await chp.child.waitForOutput(said, 20_000);
    await end(chp);
  };

  it('starts each time, however the one before ended', async () => {
    const backend = await startBackend();
    let chp = await launched({ proxy });
    const ends: End[] = [
      async (running) => {
        await kill(running);
        await early(kill, /routes loaded/)(running);
      },
      async (running) => {
        await stop(running);
        await early(stop, /routes loaded/)(running);
      },
      async (running) => {
        await kill(running);
        await early(stop, /API listens/)(running);
      },
      async (running) => {
        await stop(running);
        await early(kill, /API listens/)(running);
      },
    ];
    for (let round = 0; round < ROUNDS; round++) {
      for (const end of ends) {
        await end(chp);
        chp = await launched({ proxy, like: chp });
        expect((await chp.api('POST', '/api/routes/user/ada', { target: backend.url })).status).toBe(201);
        expect((await chp.get('/user/ada/status/200')).status).toBe(200);
      }
    }
    await stop(chp);
    expect(await until(() => isPortFree(chp.port), { what: 'the public port to be free' })).toBe(true);
  }, 120_000);
});
