import { expect, it } from 'vitest';
import { External } from '../../../src/process/external.ts';

function external(ask: () => Promise<unknown>): External {
  return new External({ answers: () => true, ask, silent: () => 'it does not answer', hint: 'Start it.' });
}

it('is up when it answers, and is left alone', async () => {
  const host = external(async () => 1);
  await host.prepare();
  await host.ensureUp();
  await host.stop();
  expect(host).toMatchObject({ up: true, restarts: 0 });
  expect(host.takeRefusals()).toEqual([]);
});

it('says what can be done when it does not answer, and why that is', async () => {
  const cause = new Error('connection refused');
  await expect(external(() => Promise.reject(cause)).ensureUp()).rejects.toMatchObject({
    code: 'PROXY_DOWN',
    message: 'it does not answer',
    hint: 'Start it.',
    cause,
  });
});
