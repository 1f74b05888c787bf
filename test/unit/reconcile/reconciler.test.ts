import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { FakeDriver, makeLoop, removing, replacing, route, setting, turns } from './fake-driver.ts';

const down = (message = 'connect ECONNREFUSED') => new SignalboxError('PROXY_DOWN', message);

async function started(options: Parameters<typeof makeLoop>[0] = {}) {
  const loop = await makeLoop(options);
  loop.reconciler.start();
  await loop.reconciler.waitFor(0, 1_000);
  return loop;
}

it('applies the whole table once at start', async () => {
  const { driver, reconciler } = await started();
  expect(driver.plans.map(({ full }) => full)).toEqual([true]);
  expect(reconciler.isCurrent).toBe(true);
});

it('a change that comes before the start waits for it, and is refused only after the end', async () => {
  const { driver, writer, reconciler } = await makeLoop();
  const early = writer.submit(setting(route('/early')));
  await turns();
  reconciler.start();
  expect((await early).added).toBe(1);
  expect(driver.plans).toHaveLength(1);
  await reconciler.stop();
  await expect(reconciler.waitFor(9, 1_000)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

it('500 changes at once cost at most two passes, and all are answered', async () => {
  const { driver, writer } = await started();
  const all = Array.from({ length: 500 }, (_, i) => writer.submit(setting(route(`/user/u${i}`))));
  await Promise.all(all);
  expect(driver.plans.length - 1).toBeLessThanOrEqual(2);
  expect(driver.served.size).toBe(500);
});

it('gathers what comes while a pass runs, and wakes those who waited for it together', async () => {
  const { driver, writer } = await started();
  const release = driver.hold();
  const woken: string[] = [];
  const first = writer.submit(setting(route('/first'))).then(() => woken.push('first'));
  await turns();
  const others = ['/a', '/b', '/c'].map((key) =>
    writer.submit(setting(route(key))).then(() => {
      expect([...driver.served.keys()]).toEqual(expect.arrayContaining(['/a', '/b', '/c']));
      woken.push(key);
    }),
  );
  await turns();
  expect(woken).toEqual([]);
  release();
  await Promise.all([first, ...others]);
  expect(woken).toEqual(['first', '/a', '/b', '/c']);
  expect(driver.plans.slice(1).map(({ set }) => set.map(({ key }) => key))).toEqual([['/first'], ['/a', '/b', '/c']]);
});

it('puts the changes of a failed pass back; newer ones of the same key win', async () => {
  const { driver, writer, reconciler, lines, passes } = await started();
  driver.failures = [down()];
  const release = driver.hold();
  const first = writer.submit(setting(route('/a', 'http://old'), route('/b', 'http://b')));
  await turns();
  const second = writer.submit(setting(route('/a', 'http://new')));
  await turns();
  release();
  await Promise.all([first, second]);
  expect(Object.fromEntries(driver.served)).toEqual({ '/a': 'http://new', '/b': 'http://b' });
  expect(reconciler.failures.last?.message).toBe('connect ECONNREFUSED');
  expect(reconciler.isCurrent).toBe(true);
  expect(passes.map((error) => error === undefined)).toEqual([true, false, true]);
  expect(lines.at(-1)).toBe('the proxy serves the newest table again');
});

it('backs off while passes fail, however many changes come, and logs the reason once', async () => {
  const { driver, writer, lines } = await started({ applyTimeoutMs: 300 });
  driver.failures = Array.from({ length: 1_000 }, () => down());
  const results = [];
  for (let i = 0; i < 30; i++) {
    results.push(writer.submit(setting(route(`/u${i}`))).catch((error: SignalboxError) => error));
    await delay(10);
  }
  const errors = (await Promise.all(results)) as SignalboxError[];
  expect(driver.plans.length).toBeLessThan(15);
  expect(new Set(errors.map(({ code, message }) => `${code} ${message}`))).toEqual(
    new Set(['NOT_SERVED stored, but not served within 0.3 s: connect ECONNREFUSED']),
  );
  expect(lines.filter((line) => line.includes('ECONNREFUSED'))).toHaveLength(1);
  driver.failures = [];
  await expect.poll(() => driver.served.size, { timeout: 5_000 }).toBe(30);
});

it('tells of a new reason at once', async () => {
  const { driver, reconciler, lines } = await started();
  driver.failures = [down('one'), down('one'), down('two')];
  reconciler.drift('test', false);
  await reconciler.waitFor(0, 5_000);
  expect(lines.filter((line) => line.startsWith('the proxy does not'))).toEqual([
    'the proxy does not serve the newest table yet: one',
    'the proxy does not serve the newest table yet: two',
  ]);
});

it('believes nothing from a drift on until a later pass has succeeded', async () => {
  const { driver, writer, reconciler } = await started();
  await writer.submit(setting(route('/a')));
  const release = driver.hold();
  reconciler.drift('nginx ended', true);
  await expect.poll(() => driver.plans.length).toBe(3);
  expect(reconciler.isCurrent).toBe(false);
  // The same route again needs no change, but is not to be called served either.
  let answered = false;
  const again = writer.submit(setting(route('/a'))).then(() => {
    answered = true;
  });
  // And a drift during the pass makes that pass prove nothing.
  reconciler.drift('nginx ended', true);
  await turns();
  expect(answered).toBe(false);
  release();
  await again;
  expect(driver.plans.map(({ full }) => full)).toEqual([true, false, true, true]);
  expect(reconciler.isCurrent).toBe(true);
});

it('cuts the wait after a failure short when the proxy is back', async () => {
  const { driver, reconciler } = await started();
  driver.failures = Array.from({ length: 8 }, () => down());
  reconciler.drift('gone', false);
  // By the eighth failure the wait is over half a second at least.
  await expect.poll(() => driver.failures.length, { timeout: 15_000 }).toBe(0);
  const before = Date.now();
  reconciler.drift('back', false);
  await reconciler.waitFor(0, 1_000);
  expect(Date.now() - before).toBeLessThan(250);
});

it('lets more changes gather while the driver asks for a pause', async () => {
  const driver = new FakeDriver();
  const { writer } = await started({ driver });
  driver.pauseMs = 30;
  const first = writer.submit(setting(route('/a')));
  await turns();
  const second = writer.submit(setting(route('/b')));
  await turns();
  driver.pauseMs = 0;
  await Promise.all([first, second]);
  expect(driver.plans.slice(1).map(({ set }) => set.length)).toEqual([2]);
});

it('gives up waiting after the time allowed, keeps the wish, and serves it later', async () => {
  const { driver, writer, reconciler } = await started({ applyTimeoutMs: 30 });
  const release = driver.hold();
  await expect(writer.submit(setting(route('/late')))).rejects.toMatchObject({
    code: 'NOT_SERVED',
    message: 'stored, but not served within 0.03 s',
  });
  release();
  await reconciler.waitFor(1, 1_000);
  expect(driver.served.has('/late')).toBe(true);
});

it('ends after the pass that runs, and tells those who wait', async () => {
  const { driver, writer, reconciler } = await started();
  const release = driver.hold();
  const waiting = writer.submit(setting(route('/a')));
  await expect.poll(() => driver.plans.length).toBe(2);
  const stopped = reconciler.stop();
  await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  release();
  await stopped;
  await expect(reconciler.waitFor(99, 1_000)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(driver.plans).toHaveLength(2);
});

it('hands a replaced table over whole, with what came while the pass waited', async () => {
  const { driver, writer } = await started();
  await writer.submit(setting(route('/a'), route('/b')));
  const release = driver.hold();
  const held = writer.submit(setting(route('/c')));
  await expect.poll(() => driver.plans.length).toBe(3);
  const put = writer.submit(replacing(route('/x'), route('/y')));
  const removed = writer.submit(removing('/x'));
  await turns();
  release();
  await Promise.all([held, put, removed]);
  expect(driver.plans.at(-1)).toMatchObject({ full: true, remove: [] });
  expect([...driver.served.keys()]).toEqual(['/y']);
});

it('keeps up while changes are on their way, and not when they take too long or a pass fails', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const { driver, writer, reconciler } = await started();
    const release = driver.hold();
    const change = writer.submit(setting(route('/a')));
    await turns();
    expect([reconciler.isCurrent, reconciler.isKeepingUp]).toEqual([false, true]);
    vi.advanceTimersByTime(2_500);
    expect(reconciler.isKeepingUp).toBe(false);
    release();
    await change;
    expect(reconciler.isKeepingUp).toBe(true);
    driver.failures.push(down());
    const second = writer.submit(setting(route('/b')));
    await turns();
    expect(reconciler.isKeepingUp).toBe(false);
    await second;
    expect(reconciler.isKeepingUp).toBe(true);
    await reconciler.stop();
  } finally {
    vi.useRealTimers();
  }
});
