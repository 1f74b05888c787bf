import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { runs } from '../../support/chance.ts';
import { openEcho } from '../../support/ws-client.ts';
import { describeEachScene, inParallel, status } from '../scene.ts';

const RELOADS = 50;

describeEachScene('a websocket', ({ start, proxy: { driver, newest } }) => {
  // On the newest what is promised; less shows that the others do no worse.
  const CHANGES = driver === 'nginx' && newest ? runs(10_000).numRuns : 1_000;

  it(`loses nothing over ${CHANGES} changes of routes${driver === 'nginx' ? ', without a reload' : ''}`, {
    timeout: 240_000,
  }, async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin'] });
    await signalbox.add('/user/ada', backend.url);
    const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`, { interval: 5 });
    const keys = Array.from({ length: CHANGES / 2 }, (_, i) => `/user/u${i % 300}-${Math.floor(i / 300)}`);
    // Traefik is rebuilt for each batch of changes: larger ones, or it takes long.
    await inParallel(driver === 'nginx' ? 40 : 100, keys, async (key) => {
      await signalbox.add(key, backend.url);
      await signalbox.remove(key);
    });
    const report = await echo.stop();
    expect(report).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0 });
    expect(report.sent).toBeGreaterThan(100);
    const { reloads, generation } = await status(signalbox);
    expect(generation.served).toBe(generation.wanted);
    if (driver === 'nginx') expect(reloads).toBe(0);
    await signalbox.stop();
  });
});

describeEachScene(
  'a websocket',
  ({ start }) => {
    it(`loses nothing over ${RELOADS} reloads, and its worker is reported as draining`, {
      timeout: 240_000,
    }, async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--drain-timeout', '100ms'] });
      await signalbox.add('/user/ada', backend.url);
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`, { interval: 5 });
      // Keys that fit no path take a reload each.
      for (let i = 0; i < RELOADS; i++) await signalbox.add(`/user//u${i}`, backend.url);
      const { reloads, drainingWorkers } = await status(signalbox);
      expect(reloads).toBeGreaterThanOrEqual(RELOADS);
      expect(drainingWorkers).toBeGreaterThanOrEqual(1);
      expect(await echo.stop()).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0 });
      await expect.poll(async () => (await status(signalbox)).drainingWorkers, { timeout: 10_000 }).toBe(0);
      await signalbox.stop();
    });
  },
  ['nginx'],
);
