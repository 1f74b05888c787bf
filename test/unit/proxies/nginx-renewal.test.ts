import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shareOf } from '../../../src/proxies/nginx/gain.ts';
import { Renewal } from '../../../src/proxies/nginx/renewal.ts';
import { Traffic } from '../../../src/proxies/nginx/traffic.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('rows and pins are renewed', () => {
  const INTERVAL = 1_000;

  /** Seconds until they are, at most so many. */
  function secondsUntilDue(facts: { draining?: number | undefined; gain?: 'none' | 'some' | 'much' }, most: number) {
    let due = 0;
    const since = Date.now();
    const renewal = new Renewal({
      intervalMs: INTERVAL,
      maxDraining: 4,
      draining: () => facts.draining,
      sinceReload: () => Date.now() - since,
      gain: () => facts.gain ?? 'much',
      onDue: () => {
        due ||= Date.now() - since;
      },
      log: { warn() {} },
    });
    vi.advanceTimersByTime(most * INTERVAL);
    renewal.stop();
    return due / 1_000;
  }

  it.each([
    [0, 1],
    [1, 12],
    [2, 60],
    [3, 360],
    [4, 0],
  ])('while %i earlier generations drain: after %i intervals', (draining, seconds) => {
    expect(secondsUntilDue({ draining }, 1_000)).toBe(seconds);
  });

  it('only when they gain something, and a lot while workers drain', () => {
    expect(secondsUntilDue({ draining: 0, gain: 'none' }, 100)).toBe(0);
    expect(secondsUntilDue({ draining: 0, gain: 'some' }, 100)).toBe(1);
    expect(secondsUntilDue({ draining: 1, gain: 'some' }, 100)).toBe(0);
  });

  it('four times a day where workers can not be seen', () => {
    let count = 0;
    const options = {
      draining: () => undefined,
      gain: () => 'much' as const,
      onDue: () => count++,
      log: { warn() {} },
    };
    const renewal = new Renewal({ intervalMs: INTERVAL, maxDraining: 4, sinceReload: () => 9e9, ...options });
    vi.advanceTimersByTime(23 * 3_600_000);
    expect(count).toBe(4);
    renewal.stop();
  });

  it('once routes rest, or do not rest for long', () => {
    let count = 0;
    const options = { draining: () => 0, gain: () => 'much' as const, onDue: () => count++, log: { warn() {} } };
    const renewal = new Renewal({ intervalMs: INTERVAL, maxDraining: 4, sinceReload: () => 9e9, ...options });
    for (let i = 0; i < 22; i++) {
      renewal.routesChanged();
      vi.advanceTimersByTime(INTERVAL / 2);
    }
    expect(count).toBe(0);
    for (let i = 0; i < 2; i++) {
      renewal.routesChanged();
      vi.advanceTimersByTime(INTERVAL / 2);
    }
    expect(count).toBe(1);
    renewal.renewed();
    vi.advanceTimersByTime(2 * INTERVAL);
    expect(count).toBe(3);
    renewal.stop();
  });
});

describe('traffic', () => {
  it('counts the requests of the last minutes', () => {
    let now = 0;
    const traffic = new Traffic(60, () => now);
    traffic.add('/a');
    traffic.add('/a');
    now = 70;
    expect([...traffic.counts()]).toEqual([['/a', 2]]);
    traffic.add('/b');
    traffic.add('/a');
    expect(Object.fromEntries(traffic.counts())).toEqual({ '/a': 3, '/b': 1 });
    now = 140;
    expect(Object.fromEntries(traffic.counts())).toEqual({ '/a': 1, '/b': 1 });
    now = 500;
    expect([...traffic.counts()]).toEqual([]);
  });
});

describe('traffic that nobody asks about for long', () => {
  it('is known for its last minutes all the same', () => {
    let now = 0;
    const traffic = new Traffic(60, () => now);
    for (; now < 600; now += 10) traffic.add('/a');
    const count = traffic.counts().get('/a');
    expect(count).toBeGreaterThanOrEqual(6);
    expect(count).toBeLessThanOrEqual(12);
  });
});

describe('what a renewal gains', () => {
  const table = new Map([
    ['/a', 'http/1:1'],
    ['/a2', 'http/1:1/x'],
    ['/b', 'http/2:1'],
    ['/c', 'http/3:1'],
    ['/n', 'none'],
  ]);
  const share = (counts: Record<string, number>, pinned: string[], changed: string[], most = 10) =>
    shareOf({
      counts: Object.entries(counts),
      descriptorOf: (key) => table.get(key),
      isPinned: (origin) => pinned.includes(origin),
      isChanged: (key) => changed.includes(key),
      most,
    });

  it('is the requests to targets without a pin, and to routes that have changed', () => {
    const counts = { '/a': 5, '/a2': 7, '/b': 3, '/c': 2, '/n': 50, '/gone': 9 };
    expect(share(counts, ['http/1:1'], [])).toEqual({ requests: 17, pinned: 12, gain: 5 });
    expect(share(counts, ['http/1:1', 'http/2:1', 'http/3:1'], ['/a2'])).toEqual({ requests: 17, pinned: 17, gain: 7 });
    expect(share(counts, ['http/1:1', 'http/2:1', 'http/3:1'], [])).toMatchObject({ gain: 0 });
  });

  it('is nothing for targets for which there is no pin left', () => {
    const counts = { '/a': 5, '/b': 3, '/c': 2 };
    expect(share(counts, ['http/1:1', 'http/2:1'], [], 2)).toMatchObject({ gain: 0 });
    expect(share(counts, ['http/1:1', 'http/3:1'], [], 2)).toMatchObject({ gain: 3 });
  });
});
