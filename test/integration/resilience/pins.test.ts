import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { describeEachScene, inParallel, isReady, status } from '../scene.ts';

const reloads = async (signalbox: Signalbox) => (await status(signalbox)).reloads;

/** Upstream blocks in the configuration in place. */
function pinned(signalbox: Signalbox): number {
  const text = readFileSync(join(signalbox.stateDir, 'nginx/current/signalbox.conf'), 'utf8');
  return text.match(/^upstream /gm)?.length ?? 0;
}

describeEachScene(
  'pins',
  ({ start }) => {
    it('come with one reload when changes have come to rest; connections to backends are then kept', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--pin-interval', '500ms'] });
      const before = await reloads(signalbox);
      await inParallel(4, Array(30).keys(), (i) => signalbox.add(`/u${i}`, backend.url));
      expect(await reloads(signalbox)).toBe(before);
      await until(async () => (await reloads(signalbox)) === before + 1, { what: 'the pins' });
      await until(() => isReady(signalbox), { what: 'the reload to be done' });
      expect(pinned(signalbox)).toBe(1);
      const sockets = backend.counts.socketsEver;
      for (let i = 0; i < 20; i++) await signalbox.get(`/u${i}/`);
      // Each worker has connections of its own.
      expect(backend.counts.socketsEver - sockets).toBeLessThan(10);
      // Known targets on new routes, and rest, are no reason for another reload: a new target is.
      await signalbox.add('/again', backend.url);
      const second = await startBackend();
      await signalbox.add('/second', second.url);
      await until(async () => (await reloads(signalbox)) === before + 2, { what: 'the pin of the new target' });
      await signalbox.stop();
    });

    it('wait as long as a worker of an earlier reload drains', async () => {
      const [one, two, three] = [await startBackend(), await startBackend(), await startBackend()];
      const signalbox = await start({ args: ['--pin-interval', '100ms', '--drain-timeout', '100ms'] });
      const first = await reloads(signalbox);
      await signalbox.add('/one', one.url);
      await until(async () => (await reloads(signalbox)) === first + 1, { what: 'the first pins' });
      await until(() => isReady(signalbox), { what: 'the reload to be done' });
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/one/ws`);
      await signalbox.add('/two', two.url);
      await until(async () => (await status(signalbox)).drainingWorkers === 1, { what: 'the second pins' });
      const before = await reloads(signalbox);
      await signalbox.add('/three', three.url);
      // More than ten pin intervals of changes and rest.
      const { received } = echo.report();
      await until(() => echo.report().received > received + 25, { what: 'time to pass' });
      expect(await reloads(signalbox)).toBe(before);
      expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
      await until(async () => (await reloads(signalbox)) === before + 1, { what: 'the pin, now that nothing drains' });
      await signalbox.stop();
    });

    it('--no-pin: never', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--no-pin', '--pin-interval', '100ms'] });
      await signalbox.add('/one', backend.url);
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/one/ws`);
      await until(() => echo.report().received > 10, { what: 'time to pass' });
      await echo.stop();
      expect(await reloads(signalbox)).toBe(0);
      expect(pinned(signalbox)).toBe(0);
      await signalbox.stop();
    });

    it('never more than --pin-max, and those that are used', async () => {
      const signalbox = await start({ args: ['--pin-interval', '100ms', '--pin-max', '5'] });
      const targets = Array.from({ length: 20 }, (_, i) => [`/u${i}`, { target: `http://127.0.0.1:${i + 1}` }]);
      await signalbox.api('PATCH', '/api/routes', Object.fromEntries(targets));
      await until(() => pinned(signalbox) === 5, { what: 'the pins' });
      // The file is there a moment before nginx is told of it.
      await until(() => isReady(signalbox), { what: 'nginx to have them' });
      const after = await reloads(signalbox);
      await signalbox.add('/u19', 'http://127.0.0.1:20', { again: 'yes' });
      await until(async () => (await reloads(signalbox)) > after, { what: 'another one to be pinned', timeout: 3_000 });
      const conf = readFileSync(join(signalbox.stateDir, 'nginx/current/signalbox.conf'), 'utf8');
      expect(conf).toContain('127.0.0.1:20');
      expect(pinned(signalbox)).toBe(5);
      await signalbox.stop();
    });
  },
  ['nginx'],
);
