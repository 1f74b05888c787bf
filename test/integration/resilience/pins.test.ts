import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { type EchoClient, openEcho } from '../../support/ws-client.ts';
import { describeEachScene, inParallel, isReady, type Status, status } from '../scene.ts';

const reloads = async (signalbox: Signalbox) => (await status(signalbox)).reloads;

/** Upstream blocks in the configuration in place. */
function pinned(signalbox: Signalbox): number {
  const text = readFileSync(join(signalbox.stateDir, 'nginx/current/signalbox.conf'), 'utf8');
  return text.match(/^upstream /gm)?.length ?? 0;
}

/** More requests than a renewal must be worth. */
const ENOUGH = 200;

async function use(signalbox: Signalbox, path: string, times = ENOUGH): Promise<void> {
  await inParallel(8, Array(times).keys(), () => signalbox.get(path));
}

async function untilReloaded(signalbox: Signalbox, count: number): Promise<void> {
  await until(async () => (await reloads(signalbox)) === count, { what: `reload ${count}`, timeout: 15_000 });
  // The file is there a moment before nginx is told of it.
  await until(() => isReady(signalbox), { what: 'the reload to be done' });
}

describeEachScene(
  'rows and pins',
  ({ start }) => {
    it('come with one reload when the routes in use have come to rest; connections to backends are then kept', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--pin-interval', '500ms'] });
      const before = await reloads(signalbox);
      await inParallel(4, Array(30).keys(), (i) => signalbox.add(`/u${i}`, backend.url));
      await use(signalbox, '/u3/');
      await untilReloaded(signalbox, before + 1);
      expect(pinned(signalbox)).toBe(1);
      const sockets = backend.counts.socketsEver;
      for (let i = 0; i < 20; i++) await signalbox.get(`/u${i}/`);
      // Each worker has connections of its own.
      expect(backend.counts.socketsEver - sockets).toBeLessThan(10);
      await until(async () => (await status(signalbox)).pins?.share === 1, { what: 'the share of pinned targets' });
      // What is not used is no reason for another reload, a new target in use is.
      const second = await startBackend();
      await signalbox.add('/second', second.url);
      await use(signalbox, '/u3/');
      expect(await reloads(signalbox)).toBe(before + 1);
      await use(signalbox, '/second/');
      await untilReloaded(signalbox, before + 2);
      await signalbox.stop();
    });

    it('come while earlier workers drain, too, but later and later, and never beside --max-draining of them', async () => {
      const args = ['--pin-interval', '100ms', '--max-draining', '2', '--drain-timeout', '100ms'];
      const signalbox = await start({ args });
      const first = await reloads(signalbox);
      const backends: Backend[] = [];
      const echos: EchoClient[] = [];
      let reloadedAt = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const backend = await startBackend();
        backends.push(backend);
        await signalbox.add(`/u${i}`, backend.url);
        echos.push(await openEcho(`${signalbox.url.replace('http', 'ws')}/u${i}/ws`));
        if (i === 2) break;
        await until(
          async () => {
            await use(signalbox, `/u${i}/`, 50);
            return (await reloads(signalbox)) === first + i + 1;
          },
          { what: `the pins of backend ${i}`, timeout: 15_000 },
        );
        // The interval, then twelve of them.
        expect(performance.now() - reloadedAt).toBeGreaterThan(1_000);
        reloadedAt = performance.now();
        await until(async () => (await status(signalbox)).draining?.generations === i + 1, {
          what: 'workers to drain',
        });
      }
      const { draining } = await status(signalbox);
      expect(draining?.bytes).toBeGreaterThan(0);
      // Much longer than two renewals are apart.
      const received = echos[0]?.report().received ?? 0;
      await until(
        async () => {
          await use(signalbox, '/u2/', 50);
          return (echos[0]?.report().received ?? 0) > received + 130;
        },
        { what: 'time to pass', timeout: 20_000 },
      );
      expect(await reloads(signalbox)).toBe(first + 2);
      for (const echo of echos) expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
      await until(
        async () => {
          await use(signalbox, '/u2/', 50);
          return (await reloads(signalbox)) === first + 3;
        },
        { what: 'the pin, now that nothing drains', timeout: 15_000 },
      );
      await signalbox.stop();
    });

    it('--no-pin: never', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--no-pin', '--pin-interval', '100ms'] });
      await signalbox.add('/one', backend.url);
      await use(signalbox, '/one/');
      const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/one/ws`);
      await until(() => echo.report().received > 10, { what: 'time to pass' });
      await echo.stop();
      expect(await reloads(signalbox)).toBe(0);
      expect(pinned(signalbox)).toBe(0);
      await signalbox.stop();
    });

    it('pin no more than --pin-max, and what gets the most requests', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--pin-interval', '100ms', '--pin-max', '5'] });
      const targets = Array.from({ length: 20 }, (_, i) => [`/u${i}`, { target: `http://127.0.0.1:${i + 1}` }]);
      await signalbox.api('PATCH', '/api/routes', { ...Object.fromEntries(targets), '/busy': { target: backend.url } });
      await use(signalbox, '/busy/');
      await until(() => pinned(signalbox) === 5, { what: 'the pins', timeout: 15_000 });
      const conf = readFileSync(join(signalbox.stateDir, 'nginx/current/signalbox.conf'), 'utf8');
      expect(conf).toContain(`server "${new URL(backend.url).host}"`);
      await signalbox.stop();
    });

    it('--no-activity: come when routes rest, as nobody knows which are in use', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--pin-interval', '100ms', '--no-activity'] });
      await signalbox.add('/user/ada', backend.url);
      // Without activity nobody knows what is used: rest is enough.
      const run = join(signalbox.stateDir, 'nginx/run');
      await until(() => readdirSync(run).some((name) => /^settled-[0-9a-f]+$/.test(name)), { what: 'rows' });
      await until(() => pinned(signalbox) === 1, { what: 'the pin' });
      const known: Status['pins'] = (await status(signalbox)).pins;
      expect(known).toEqual({ targets: 1, share: null });
      await signalbox.stop();
    });
  },
  ['nginx'],
);
