import { expect, test } from 'vitest';
import type { StatusReport } from '../../../../src/api/schemas.ts';
import type { TrafficRoute } from '../../../../src/api/traffic/schemas.ts';
import { stateOf, troublesOf } from '../../../../src/dashboard/page/problems.ts';
import { fakeRoutes, fakeStatus } from '../../../support/dashboard/fake-data.ts';

const NOW = Date.parse('2026-11-30T14:00:00Z');
const HEALTHY = fakeStatus('full', NOW, NOW - 3_600_000);
const [ROUTE] = fakeRoutes('full', NOW) as [TrafficRoute];
const ago = (ms: number) => new Date(NOW - ms).toISOString();

function troubles(change: Partial<StatusReport> = {}, routes: readonly Partial<TrafficRoute>[] = []) {
  const all = routes.map((route) => ({ ...ROUTE, recentErrors: 0, unreachableSince: null, ...route }));
  return troublesOf({ status: { ...HEALTHY, ...change }, routes: all, now: NOW });
}

const texts = (...given: Parameters<typeof troubles>) =>
  troubles(...given).map(({ level, subject, text }) => `${level} ${subject}: ${text}`);

test('nothing is wrong with a proxy that serves all, nor before anything is known', () => {
  expect(texts()).toEqual([]);
  expect(troublesOf({ status: undefined, routes: [], now: NOW })).toEqual([]);
});

test('a proxy that is down comes first', () => {
  const change = { proxy: { ...HEALTHY.proxy, up: false } };
  expect(texts(change, [{ key: '/a', recentErrors: 12 }])).toEqual([
    'error nginx: does not answer, or does not serve what it should',
    'warning /a: 12 answers of 5xx in 5 min',
  ]);
  expect(stateOf({ ...HEALTHY, ...change })).toEqual({ level: 'error', word: 'proxy down' });
});

test('changes that wait after a failure are a problem, those on their way are none', () => {
  const lastError = { time: ago(60_000), message: 'nginx refused it' };
  expect(texts({ pending: 2 })).toEqual([]);
  expect(troubles({ pending: 2, lastError })).toMatchObject([{ level: 'error', subject: '2 changes' }]);
  expect(stateOf({ ...HEALTHY, pending: 2, lastError }).word).toBe('changes not served');
});

test('a failure that is over is told for five minutes', () => {
  const failed = (ms: number) => troubles({ lastError: { time: ago(ms), message: 'nginx refused it' } });
  expect(failed(60_000)).toMatchObject([{ level: 'warning', subject: 'nginx' }]);
  expect(failed(400_000)).toEqual([]);
});

test('templates that were refused are told with their place', () => {
  const error = { time: ago(1), file: 'proxy.conf', line: 12, message: 'unknown directive "x"' };
  expect(texts({ templates: { own: [], error } })).toEqual([
    'warning templates: proxy.conf:12 refused: unknown directive "x". The last good ones are in use.',
  ]);
  const elsewhere = { ...error, file: null, line: null };
  expect(texts({ templates: { own: [], error: elsewhere } })[0]).toContain('templates: refused: unknown directive');
});

test('what makes figures wrong is a problem, too', () => {
  const activity = { lines: 1_000, unreadable: 11, backlogBytes: 5 * 1024 * 1024, blind: 'no permission' };
  expect(troubles({ activity }).map(({ id }) => id)).toEqual(['blind', 'backlog', 'unreadable']);
  expect(texts({ activity: { lines: 1_000, unreadable: 10, backlogBytes: 1_000, blind: null } })).toEqual([]);
  expect(texts({ activity: null })).toEqual([]);
});

test('refused routes are named, those beyond five are counted', () => {
  const refused = Array.from({ length: 7 }, (_, at) => ({ key: `/r${at}`, reason: 'bad host', since: ago(60_000) }));
  const all = troubles({ refused });
  expect(all).toHaveLength(6);
  expect(all[0]).toMatchObject({ level: 'error', subject: '/r0', isName: true, href: '#/route?key=%2Fr0' });
  expect(all[0]?.text).toContain('for 1 min, so it is not served: bad host');
  expect(all[5]?.subject).toBe('2 more routes');
});

test('a namespace without room, and none without a limit', () => {
  const namespaces = [
    { name: 'full', routes: 5, maxRoutes: 5 },
    { name: 'roomy', routes: 4, maxRoutes: 5 },
    { name: 'free', routes: 9, maxRoutes: null },
  ];
  expect(texts({ namespaces })).toEqual(['warning full: has all of the 5 routes that it may have']);
});

test('a database that is away, and replicas that are waited for in vain', () => {
  const replica = {
    id: 'a',
    name: 'one',
    version: '0.1.0',
    api: null,
    state: 'serving' as const,
    served: HEALTHY.generation.served,
    leaseSeconds: 4,
    awaited: true,
    self: false,
  };
  const fleet = {
    database: 'postgresql://db',
    problem: 'connection refused',
    staleSeconds: 12,
    lease: true,
    listening: true,
    ack: 'all' as const,
    replicas: [
      replica,
      { ...replica, id: 'b', name: 'two', leaseSeconds: -3 },
      { ...replica, id: 'c', name: 'three', leaseSeconds: -3, awaited: false },
      { ...replica, id: 'd', name: 'four', served: replica.served - 2_000 },
    ],
  };
  expect(texts({ fleet })).toEqual([
    'error database: connection refused. The table is 12 s old.',
    'warning replica two: does not renew its lease',
    'warning replica four: is 2,000 generations behind',
  ]);
});

test('one request that was not answered is told, ten answers of 5xx are, nine are not', () => {
  const routes = [
    { key: '/none', recentErrors: 9 },
    { key: '/many', recentErrors: 10 },
    { key: '/away', recentErrors: 1, unreachableSince: NOW - 120_000 },
    { key: '/was-away', recentErrors: 0, unreachableSince: NOW - 3_600_000 },
  ];
  const told = troubles({}, routes);
  expect(told.map(({ level, subject }) => `${level} ${subject}`)).toEqual(['error /away', 'warning /many']);
  expect(told[0]?.text).toMatch(/^1 answer of 5xx in 5 min, backend not reachable since .* \(2 min\)$/);
});

test('of many routes with errors five are named', () => {
  const routes = Array.from({ length: 9 }, (_, at) => ({ key: `/r${at}`, recentErrors: 50 - at }));
  const all = troubles({}, routes);
  expect(all.map(({ subject }) => subject)).toEqual(['/r0', '/r1', '/r2', '/r3', '/r4', 'more routes']);
});
