import { expect, test } from 'vitest';
import { Stats } from '../../../src/activity/stats.ts';

const SINCE = Date.parse('2026-11-22T11:00:00Z');

interface Change {
  time?: number;
  status?: number;
  answered?: boolean;
}

function add(stats: Stats, key: string, duration: number | undefined, change: Change = {}) {
  const { time = SINCE, status = 200, answered } = change;
  const hit = {
    time,
    key,
    status,
    complete: true,
    sentData: false,
    duration,
    bytes: 10,
    backendBytes: 0,
    firstByte: undefined,
    answered,
  };
  stats.add(hit);
}

test('count requests, bytes and times of each route', () => {
  const stats = new Stats(SINCE);
  for (let ms = 1; ms <= 1_000; ms++) add(stats, '/a', ms);
  add(stats, '/b', 5, { status: 503 });
  const { p50, p95, ...rest } = stats.of('/a');
  const since = '2026-11-22T11:00:00.000Z';
  expect(rest).toEqual({ requests: 1_000, bytes: 10_000, openConnections: 0, lastStatus: 200, since });
  expect((p50 as number) / 500).toBeCloseTo(1, 0.7);
  expect((p95 as number) / 950).toBeCloseTo(1, 0.7);
  expect(stats.of('/b')).toMatchObject({ requests: 1, lastStatus: 503 });
});

test('say nothing of what is not known', () => {
  const stats = new Stats(SINCE);
  add(stats, '/ws', 3_600_000, { status: 101 });
  expect(stats.of('/ws')).toMatchObject({ requests: 1, lastStatus: 101, p50: null, p95: null });
  expect(stats.of('/none')).toMatchObject({ requests: 0, lastStatus: null, p50: null });
});

test('count answers by class of status, and those that no backend gave', () => {
  const stats = new Stats(SINCE);
  for (const status of [101, 200, 204, 299, 301, 404, 499, 500, 503, 999, 9]) add(stats, '/a', 5, { status });
  add(stats, '/a', 5, { status: 503, answered: false });
  add(stats, '/a', 5, { status: 503, answered: true });
  add(stats, '/a', 5, { status: 503, answered: false, time: SINCE - 1 });
  add(stats, '/b', 5);
  expect(stats.statuses('/a')).toEqual({
    informational: 1,
    success: 3,
    redirect: 1,
    clientError: 2,
    serverError: 4,
    unreachable: 1,
  });
  const none = { informational: 0, success: 0, redirect: 0, clientError: 0, serverError: 0, unreachable: 0 };
  expect(stats.statuses('/b')).toEqual({ ...none, success: 1 });
  expect(stats.statuses('/never')).toEqual(none);
  stats.retain(() => false);
  add(stats, '/c', 5);
  expect([stats.statuses('/a'), stats.statuses('/c')]).toEqual([none, { ...none, success: 1 }]);
  expect(stats.of('/c')).toMatchObject({ requests: 1, p50: 5 });
});

test('begin when the daemon began', () => {
  const stats = new Stats(SINCE);
  add(stats, '/a', 5, { time: SINCE - 1 });
  expect(stats.of('/a')).toMatchObject({ requests: 0, lastStatus: null });
});

test('forget routes that are gone, and use their room for others', () => {
  const stats = new Stats(SINCE);
  for (let index = 0; index < 1_000; index++) add(stats, `/${index}`, 1_000);
  stats.retain((key) => key === '/7');
  expect(stats.of('/7').requests).toBe(1);
  expect(stats.of('/8').requests).toBe(0);
  add(stats, '/new', 1);
  expect(stats.of('/new')).toMatchObject({ requests: 1, p95: 1 });
});
