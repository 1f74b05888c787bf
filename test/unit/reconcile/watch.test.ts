import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { createMemoryDisk } from '../../support/memory-disk.ts';
import { makeLoop, route, setting, turns } from './fake-driver.ts';

const silent = new Error('connect ECONNREFUSED');
const wrong = new SignalboxError('PROXY_NOT_CONFIRMED', 'nginx does not serve generation 1');

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

async function serving() {
  const loop = await makeLoop();
  loop.reconciler.start();
  await loop.writer.submit(setting(route('/a')));
  return loop;
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

it('asks for nothing while the proxy serves what it should', async () => {
  const { driver, reconciler } = await serving();
  await seconds(60);
  expect(driver.plans).toHaveLength(2);
  expect(reconciler).toMatchObject({ isCurrent: true, isFaulty: false, served: 1 });
});

it('has a proxy that lost its table get all of it again at once', async () => {
  const { driver, reconciler, lines } = await serving();
  driver.fault = wrong;
  const apply = driver.apply.bind(driver);
  driver.apply = async (plan) => {
    expect(reconciler).toMatchObject({ isCurrent: false, isFaulty: true, served: -1, reason: wrong.message });
    driver.fault = undefined;
    await apply(plan);
  };
  await seconds(1);
  expect(driver.plans.at(-1)).toMatchObject({ full: true, generation: 1, set: [{ key: '/a' }] });
  expect(reconciler).toMatchObject({ isCurrent: true, isFaulty: false, served: 1 });
  expect(lines.slice(-2)).toEqual([
    'the proxy no longer serves what it should',
    'the proxy serves what it should again',
  ]);
});

it('believes that nobody answers at the second look; one slow answer changes nothing', async () => {
  const { driver, reconciler } = await serving();
  let misses = 1;
  driver.look = async () => {
    if (misses-- > 0) throw silent;
  };
  await seconds(3);
  expect(driver.plans).toHaveLength(2);
  expect(reconciler.isCurrent).toBe(true);
});

it('calls a silent proxy by its own reason, not by an old one, until it answers again', async () => {
  const { driver, reconciler, writer } = await serving();
  driver.failures = [new Error('an old reason')];
  const second = writer.submit(setting(route('/b')));
  await seconds(1);
  await second;
  driver.fault = silent;
  driver.failures = Array.from({ length: 100 }, () => new Error('no answer'));
  const release = driver.hold();
  await seconds(1);
  expect(reconciler).toMatchObject({ isCurrent: false, isFaulty: true, served: -1, reason: silent.message });
  release();
  await seconds(10);
  expect(reconciler).toMatchObject({ isCurrent: false, isFaulty: true, reason: 'no answer' });
  expect(driver.plans.slice(3).some(({ full }) => full)).toBe(false);
  driver.fault = undefined;
  driver.failures = [];
  await seconds(3);
  expect(reconciler).toMatchObject({ isCurrent: true, isFaulty: false, served: 2 });
});

it('does not take a pass that is under way for a fault', async () => {
  const { driver, reconciler, writer } = await serving();
  const release = driver.hold();
  const late = writer.submit(setting(route('/b')));
  await turns();
  driver.fault = wrong;
  await seconds(4);
  expect(driver.plans).toHaveLength(3);
  expect(reconciler).toMatchObject({ isFaulty: false, served: 1 });
  driver.fault = undefined;
  release();
  await late;
});

it('ends with the loop', async () => {
  const { driver, reconciler } = await serving();
  await reconciler.stop();
  expect(vi.getTimerCount()).toBe(0);
  driver.look = () => expect.fail('looked');
  await seconds(5);
});

it('counts as pending what came since the start, not since the beginning of time', async () => {
  const { reconciler, writer, driver } = await makeLoop({
    disk: createMemoryDisk({ generation: 1_700_000_000, entries: [] }),
  });
  const release = driver.hold();
  reconciler.start();
  expect(reconciler.pending).toBe(0);
  const change = writer.submit(setting(route('/a')));
  await turns();
  expect(reconciler.pending).toBe(1);
  release();
  await change;
  expect(reconciler.pending).toBe(0);
});

it('is asked for all at once by whoever wants to know, who hears when that is done', async () => {
  const { driver, reconciler, lines } = await serving();
  await reconciler.verify(5_000);
  expect(driver.plans.at(-1)).toMatchObject({ full: true, generation: 1 });
  expect(lines).toEqual(['checking the proxy again']);
});

it('does not show in time what it serves: whoever asked is told why, and it is tried again', async () => {
  const { driver, reconciler } = await serving();
  driver.failures = Array.from({ length: 100 }, () => new Error('nginx hangs'));
  const asked = expect(reconciler.verify(3_000)).rejects.toMatchObject({
    code: 'NOT_SERVED',
    message: 'the proxy did not show within 3 s that it serves all: nginx hangs',
  });
  await seconds(3);
  await asked;
  driver.failures = [];
  await seconds(3);
  expect(reconciler.isCurrent).toBe(true);
});

it('of a daemon that ends: nobody is kept waiting', async () => {
  const { driver, reconciler } = await serving();
  driver.failures = Array.from({ length: 100 }, () => new Error('nginx hangs'));
  const asked = expect(reconciler.verify(3_000)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  const ended = reconciler.stop();
  await asked;
  await seconds(3);
  await ended;
  await expect(reconciler.verify(3_000)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});
