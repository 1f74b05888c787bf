import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { until } from '../../support/wait.ts';
import { describeCombinations } from '../proxying/combinations.ts';

describeCombinations(({ start }) => {
  test('a request shows within two seconds of its end', async () => {
    const backend = await startBackend();
    const box = await start({ '/user/ada': backend.url, '/': backend.url }, '--activity-probe-interval', '500ms');
    const before = Date.now();
    await box.get('/user/ada/x');
    const ended = Date.now();
    const entry = async () => JSON.parse((await box.api('GET', '/api/routes/user/ada?stats=1')).text());
    const found = await until(
      async () => {
        const one = await entry();
        return one.stats.requests > 0 && one;
      },
      { what: 'the request to be counted' },
    );
    expect(Date.now() - ended).toBeLessThan(2_000);
    expect(Date.parse(found.last_activity)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(found.last_activity)).toBeLessThanOrEqual(ended);
  });
});
