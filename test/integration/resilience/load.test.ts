import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { runs } from '../../support/chance.ts';
import { startLoad } from '../../support/load.ts';
import { describeEachSceneOnce, inParallel, status } from '../scene.ts';

const CHANGES = runs(2_000).numRuns;
const ROUTES = 50;

describeEachSceneOnce('constant load', ({ start, proxy: { driver } }) => {
  // What is below the second one fits no path: nginx has it in its configuration.
  it.each(driver === 'nginx' ? ['/user', '/user/'] : ['/user'])(
    `no request of ${ROUTES} routes fails while others in %s/ change ${CHANGES} times`,
    {
      timeout: 240_000,
    },
    async (folder) => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--pin-interval', '200ms'] });
      const paths = Array.from({ length: ROUTES }, (_, i) => `/user/steady-${i}/`);
      await signalbox.api(
        'PATCH',
        '/api/routes',
        Object.fromEntries(paths.map((path) => [path, { target: backend.url }])),
      );
      const load = startLoad({
        url: signalbox.url,
        paths,
        connections: ROUTES,
        pause: 20,
        isGood: ({ status, body }, path) => status === 200 && body.includes(`"url":"${path}"`),
      });
      // Where a change takes a reload or a rebuild, those that wait for it go together: many at a time, or it takes minutes.
      const isLink = driver === 'nginx' && folder === '/user';
      await inParallel(isLink ? 20 : 100, Array.from({ length: CHANGES / 2 }).keys(), async (i) => {
        await signalbox.add(`${folder}/u${i}`, 'http://127.0.0.1:9');
        await signalbox.remove(`${folder}/u${i}`);
      });
      const report = await load.stop();
      const { reloads } = await status(signalbox);
      expect(report.failures).toEqual([]);
      expect(report.requests).toBeGreaterThan(2 * ROUTES);
      // A kept connection may end while it is idle only when nginx is reloaded.
      if (reloads === 0) expect(report.retried).toBe(0);
      await signalbox.stop();
    },
  );
});
