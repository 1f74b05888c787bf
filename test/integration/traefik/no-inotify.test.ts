import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeHostileTraefik } from '../../support/surroundings/hostile-traefik.ts';
import { CROWDED, noCrowd, takeInotify } from '../../support/surroundings/no-inotify.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, isReady, status } from '../scene.ts';

describeEachSceneOnce(
  'a Traefik that may not watch its folder, for others of its user have all of inotify',
  ({ start, proxy }) => {
    it('is started anew until it may, with the reason at hand', async ({ skip }) => {
      if (noCrowd) skip(noCrowd);
      const crowd = await takeInotify();
      const signalbox = await start({
        whenReady: false,
        args: ['--traefik-user', CROWDED.name, '--apply-timeout', '3s'],
      });
      const { url } = await startBackend();
      const answer = await signalbox.api('POST', '/api/routes/user/ada', { target: url });
      const why = /could not watch its folder.*too many open files/;
      expect([answer.status, answer.text()]).toEqual([503, expect.stringMatching(why)]);
      expect((await status(signalbox)).lastError?.message).toMatch(why);
      await crowd.release();
      await until(() => isReady(signalbox), { what: 'Traefik to serve the table', timeout: 20_000 });
      expect((await signalbox.get('/user/ada/')).status).toBe(200);
      await signalbox.stop();
    });

    it('is what the reason of a sidecar speaks of', async ({ skip }) => {
      if (noCrowd) skip(noCrowd);
      const crowd = await takeInotify();
      const owner = await makeHostileTraefik(proxy.path, { uid: CROWDED.uid });
      await owner.start();
      const flags = ['--no-managed', '--traefik-dir', owner.dir, '--traefik-url', owner.url];
      const signalbox = await start({ whenReady: false, args: [...flags, '--apply-timeout', '2s'] });
      const answer = await signalbox.api('POST', '/api/routes/user/ada', { target: 'http://127.0.0.1:9' });
      expect([answer.status, answer.text()]).toEqual([503, expect.stringMatching(/could not watch it/)]);
      await crowd.release();
      await signalbox.stop();
    });
  },
  ['traefik'],
);
