import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { runs } from '../../support/chance.ts';
import { startLoad } from '../../support/load.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { describeEachSceneOnce, inParallel, masters, status } from '../scene.ts';

const ROUTES = 40;

/** What a client was told last of a route: its target, gone, or either when the answer never came. */
type Told = { target: string | undefined; sure: boolean };

/** Posts and deletes at random until the daemon is gone; what was answered stands in `told`. */
async function change(
  signalbox: Signalbox,
  folder: string,
  targets: readonly string[],
  told: Map<string, Told>,
  onAnswer: () => void,
) {
  // Each key has one writer, so that its last answer is its state.
  await inParallel(8, Array.from({ length: 8 }).keys(), async (writer) => {
    for (let i = 0; signalbox.exit() === undefined; i++) {
      const key = `${folder}/w${writer}-${(i * 7) % (ROUTES / 8)}`;
      const before = told.get(key)?.target;
      const target = before !== undefined && i % 3 === 0 ? undefined : targets[i % targets.length];
      told.set(key, { target, sure: false });
      try {
        const { status } =
          target === undefined
            ? await signalbox.api('DELETE', `/api/routes${key}`)
            : await signalbox.api('POST', `/api/routes${key}`, { target });
        if (status !== 201 && status !== 204 && status !== 404) return;
        told.set(key, { target, sure: true });
        onAnswer();
      } catch {
        return;
      }
    }
  });
}

describeEachSceneOnce('a daemon that is killed in the middle of changes', ({ start, proxy: { driver } }) => {
  const links = { folder: '/user', kills: runs(50).numRuns, changes: 60 };
  // Keys below it fit no path: nginx has these routes in its configuration.
  const beside = { folder: '/user/', kills: runs(10).numRuns, changes: 10 };
  const routers = { ...links, kills: beside.kills, changes: beside.changes };

  it.each(driver === 'nginx' ? [links, beside] : [routers])(
    '$kills times, at keys in $folder/, loses no change that was answered, and traffic goes on',
    { timeout: 300_000 },
    async (way) => {
      const { folder, kills, changes } = way;
      const backends = [await startBackend({ name: 'one' }), await startBackend({ name: 'two' })];
      const targets = backends.map(({ url }) => url);
      const signalbox = await start({ args: ['--no-pin'] });
      await signalbox.add('/steady', targets[0] as string);
      const [master] = masters(signalbox.stateDir);
      const load = startLoad({ url: signalbox.url, paths: ['/steady/'], connections: 2, pause: 5 });
      const told = new Map<string, Told>();

      for (let kill = 1; kill <= kills; kill++) {
        let left = Math.ceil(Math.random() * changes);
        await change(signalbox, folder, targets, told, () => {
          if (--left === 0) signalbox.kill('SIGKILL');
        });
        await signalbox.restart();
        expect(masters(signalbox.stateDir)).toEqual([master]);
        const routes = (await signalbox.api('GET', '/api/routes')).json<Record<string, { target: string }>>();
        for (const [key, { target, sure }] of told) {
          if (sure) expect(routes[key]?.target, `${key} after kill ${kill}`).toBe(target);
          // From now on what is there is what there is, answered or not.
          told.set(key, { target: routes[key]?.target, sure: true });
        }
        await inParallel(8, told, async ([key, { target }]) => {
          const answer = await signalbox.get(`${key}/`);
          const name = backends.find(({ url }) => url === target)?.name;
          expect([answer.status, answer.header('X-Backend')], `${key} after kill ${kill}`).toEqual(
            name === undefined ? [404, undefined] : [200, name],
          );
        });
      }

      const report = await load.stop();
      expect(report.failures).toEqual([]);
      expect(report.requests).toBeGreaterThan(kills * 5);
      if (way === links) expect((await status(signalbox)).reloads).toBe(0);
      await signalbox.stop();
    },
  );
});
