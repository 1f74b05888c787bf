import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { createMemoryDisk } from '../../support/memory-disk.ts';
import { FakeDriver, makeLoop, removing, replacing, route, setting, turns } from './fake-driver.ts';

async function started(options: Parameters<typeof makeLoop>[0] = {}) {
  const loop = await makeLoop(options);
  loop.reconciler.start();
  await loop.reconciler.waitFor(0, 1_000);
  return loop;
}

const refusedAs = (text: RegExp) =>
  expect.objectContaining({ code: 'NOT_SERVED', message: expect.stringMatching(text) as string });

it('a route that the proxy refuses fails alone and at once; those after it are served', async () => {
  const { driver, writer, reconciler, lines } = await started();
  await writer.submit(setting(route('/steady')));
  driver.bad.add('/bad');
  await expect(writer.submit(setting(route('/bad')))).rejects.toEqual(refusedAs(/refuses "\/bad": a bad row/));
  await writer.submit(setting(route('/good')));
  expect([...driver.served.keys()]).toEqual(['/steady', '/good']);
  expect(reconciler).toMatchObject({ isCurrent: true, served: 3, pending: 0 });
  expect(reconciler.refused.list).toEqual([{ key: '/bad', reason: 'a bad row', since: expect.any(Number) }]);
  expect(lines.filter((line) => line.includes('/bad'))).toEqual([
    'the proxy refuses the route /bad, and serves the others: a bad row',
  ]);
});

it('of many changes at once, who sent the refused one is told, and all others get their answer', async () => {
  const { driver, writer } = await started();
  await writer.submit(setting(route('/gone')));
  driver.bad.add('/u17');
  const changes = Array.from({ length: 64 }, (_, i) => writer.submit(setting(route(`/u${i}`))));
  const removed = writer.submit(removing('/gone'));
  const before = driver.plans.length;
  const answers = await Promise.allSettled(changes);
  await removed;
  expect(answers.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([17]);
  expect(answers[17]).toMatchObject({ reason: { code: 'NOT_SERVED' } });
  expect(driver.served.size).toBe(63);
  expect(driver.plans.length - before).toBeLessThanOrEqual(2 + 2 * Math.log2(64));
});

it('a route that is refused at another target is not served at the old one', async () => {
  const { driver, writer } = await started();
  await writer.submit(setting(route('/a', 'http://old'), route('/b')));
  driver.bad.add('http://new');
  await expect(writer.submit(setting(route('/a', 'http://new')))).rejects.toEqual(refusedAs(/"\/a"/));
  expect([...driver.served.keys()]).toEqual(['/b']);
});

it('who asks for the same route again is told the same at once; a newer one is tried', async () => {
  const { driver, writer } = await started();
  driver.bad.add('/a');
  const change = setting(makeRoute('/a', { target: 'http://x' }));
  for (let i = 0; i < 2; i++) await expect(writer.submit(change)).rejects.toEqual(refusedAs(/a bad row/));
  const tries = driver.plans.length;
  await expect(writer.submit(change)).rejects.toEqual(refusedAs(/a bad row/));
  expect(driver.plans).toHaveLength(tries);
  driver.bad.clear();
  await writer.submit(setting(makeRoute('/a', { target: 'http://y' })));
  expect(driver.served.get('/a')).toBe('http://y');
});

it('a refused route that is removed is gone', async () => {
  const { driver, writer, reconciler } = await started();
  driver.bad.add('/a');
  await writer.submit(setting(route('/a'))).catch(() => {});
  await writer.submit(removing('/a'));
  expect(reconciler.refused.list).toEqual([]);
  expect(reconciler.isCurrent).toBe(true);
});

it.each([true, false])('is tried again when something else changes (full: %s), and then served', async (full) => {
  const { driver, writer, reconciler } = await started();
  driver.bad.add('/a');
  await writer.submit(setting(route('/a'))).catch(() => {});
  reconciler.drift('still', full);
  await reconciler.waitFor(0, 1_000);
  await expect.poll(() => reconciler.isCurrent).toBe(true);
  expect(reconciler.refused.list).toHaveLength(1);
  driver.bad.clear();
  reconciler.drift('templates changed', full);
  await expect.poll(() => driver.served.has('/a')).toBe(true);
  await expect.poll(() => reconciler.refused.list).toEqual([]);
});

it('is tried again by itself, more and more seldom', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'Date'] });
  try {
    const { driver, writer, reconciler } = await makeLoop();
    reconciler.start();
    driver.bad.add('/a');
    await writer.submit(setting(route('/a'))).catch(() => {});
    const tries = async (ms: number) => {
      const before = driver.plans.length;
      await vi.advanceTimersByTimeAsync(ms);
      await turns();
      return driver.plans.slice(before).filter(({ set }) => set.length > 0).length;
    };
    expect(await tries(9_000)).toBe(0);
    expect(await tries(2_000)).toBe(1);
    expect(await tries(18_000)).toBe(0);
    expect(await tries(3_000)).toBe(1);
    driver.bad.clear();
    await tries(41_000);
    expect(driver.served.has('/a')).toBe(true);
    expect(reconciler.refused.list).toEqual([]);
    await reconciler.stop();
  } finally {
    vi.useRealTimers();
  }
});

it('a start serves all routes but the refused one', async () => {
  const routes = Array.from({ length: 10 }, (_, i) => route(`/r${i}`));
  const driver = new FakeDriver();
  driver.bad.add('/r3');
  const entries = routes.map((one) => ({ route: one, lastActivity: 0 }));
  const { reconciler } = await started({ driver, disk: createMemoryDisk({ generation: 7, entries }) });
  await reconciler.waitFor(7, 1_000);
  expect(driver.served.size).toBe(9);
  expect(reconciler).toMatchObject({ isCurrent: true, served: 7 });
  expect(reconciler.refused.list).toMatchObject([{ key: '/r3' }]);
});

it('a table that is replaced is served in one step without the route that the proxy names', async () => {
  const { driver, writer } = await started();
  await writer.submit(setting(route('/old')));
  driver.bad.add('/bad');
  driver.refusal = (keys) => new SignalboxError('TEMPLATE_FAILED', 'template route.conf:1: no', { keys });
  const before = driver.plans.length;
  const put = writer.submit(replacing(route('/a'), route('/bad'), route('/b')));
  await expect(put).rejects.toEqual(refusedAs(/"\/bad": template route.conf:1: no/));
  expect(driver.plans.slice(before).map(({ set, full }) => [full, set.map(({ key }) => key)])).toEqual([
    [true, ['/a', '/bad', '/b']],
    [true, ['/a', '/b']],
  ]);
  expect([...driver.served.keys()]).toEqual(['/a', '/b']);
});

it('blames no route when the proxy refuses the table without it as well', async () => {
  const { driver, writer, reconciler, lines } = await started({ applyTimeoutMs: 200 });
  await writer.submit(setting(route('/steady')));
  driver.bad.add('/steady');
  await expect(writer.submit(setting(route('/a'), route('/b')))).rejects.toEqual(refusedAs(/within 0.2 s: a bad row/));
  expect(reconciler.refused.list).toEqual([]);
  expect(reconciler.isCurrent).toBe(false);
  expect(lines).toContain('the proxy does not serve the newest table yet: a bad row');
  driver.bad.clear();
  await expect.poll(() => driver.served.size, { timeout: 5_000 }).toBe(3);
});

it.each(['PROXY_DOWN', 'PROXY_NOT_CONFIRMED'] as const)(
  '%s is about no route: no part of the plan is tried',
  async (code) => {
    const { driver, writer, reconciler } = await started();
    driver.failures = [new SignalboxError(code, 'not now')];
    await writer.submit(setting(route('/a'), route('/b')));
    expect(driver.plans.slice(1).map(({ set }) => set.length)).toEqual([2, 2]);
    expect(reconciler.refused.list).toEqual([]);
  },
);

it('routes for which there is no room wait, however many, and stop no others', async () => {
  const { driver, writer, reconciler } = await started({ applyTimeoutMs: 300 });
  await writer.submit(setting(route('/steady'), route('/gone')));
  const full = Array.from({ length: 1_000 }, (_, i) => `/full${i}`);
  driver.bad = new Set(full);
  driver.refusal = (keys) => new SignalboxError('ROUTES_NOT_NOW', 'no room', { keys });
  const before = driver.plans.length;
  const waiting = writer.submit(setting(...full.map((key) => route(key)))).catch((error: unknown) => error);
  await Promise.all([writer.submit(removing('/gone')), writer.submit(setting(route('/good')))]);
  expect(driver.plans.length - before).toBeLessThanOrEqual(4);
  expect([...driver.served.keys()]).toEqual(['/steady', '/good']);
  expect(reconciler.refused.list).toEqual([]);
  expect(reconciler).toMatchObject({ isCurrent: false, reason: 'no room', served: 1 });
  expect(await waiting).toEqual(refusedAs(/within 0.3 s: no room/));
  await expect(reconciler.verify(5_000)).rejects.toThrow('that it serves all: no room');
  driver.bad.clear();
  await expect.poll(() => driver.served.size, { timeout: 5_000 }).toBe(1_002);
  await expect.poll(() => reconciler.isCurrent).toBe(true);
});

it('tries nothing after the end', async () => {
  const { driver, writer, reconciler } = await started();
  driver.bad.add('/a');
  const release = driver.hold();
  const waiting = writer.submit(setting(route('/a'))).catch((error: unknown) => error);
  await expect.poll(() => driver.plans.length).toBe(2);
  const stopped = reconciler.stop();
  release();
  await stopped;
  expect(await waiting).toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(driver.plans).toHaveLength(2);
});

const keys = fc.integer({ min: 0, max: 12 }).map((n) => `/k${n}`);
const target = fc.constantFrom('http://one', 'http://two', 'http://three', 'http://bad');
const set = fc
  .uniqueArray(fc.tuple(keys, target), { selector: ([key]) => key, minLength: 1, maxLength: 4 })
  .map((pairs) => setting(...pairs.map(([key, to]) => route(key, to))));
const change = fc.oneof(
  { weight: 6, arbitrary: set },
  { weight: 2, arbitrary: keys.map((key) => removing(key)) },
  { weight: 1, arbitrary: set.map((one) => ({ ...one, clear: WHOLE_TABLE })) },
);

it('whatever comes together: only who sent a refused route is told so, and all the rest of the table is served', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(change, fc.boolean()), { maxLength: 25 }),
      fc.boolean(),
      async (changes, names) => {
        const { driver, writer, reconciler, table } = await started();
        driver.bad.add('http://bad');
        if (names) driver.refusal = (bad) => new SignalboxError('TEMPLATE_FAILED', 'no', { keys: bad });
        const sent = [];
        for (const [one, waits] of changes) {
          sent.push(
            writer.submit(one).then(
              () => undefined,
              (error: unknown) => error,
            ),
          );
          if (waits) await turns();
        }
        const errors = await Promise.all(sent);
        errors.forEach((error, i) => {
          const isBad = changes[i]?.[0].set.some(({ route: { target: to } }) => to === 'http://bad');
          if (error !== undefined) expect([isBad, error]).toEqual([true, refusedAs(/refuses/)]);
        });
        const [good, bad] = [new Map<string, string>(), new Set<string>()];
        for (const { key, target: to } of table.routes()) to === 'http://bad' ? bad.add(key) : good.set(key, to);
        expect(driver.served).toEqual(good);
        expect(new Set(reconciler.refused.list.map(({ key }) => key))).toEqual(bad);
        expect(reconciler).toMatchObject({ isCurrent: true, served: table.generation });
        await reconciler.stop();
      },
    ),
  );
});
