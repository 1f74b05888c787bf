import { expect, test } from 'vitest';
import type { TrafficOfRoute } from '../../../../src/api/traffic/schemas.ts';
import { conclusionsOf, reasonsOf } from '../../../../src/dashboard/page/why.ts';

const NOW = Date.parse('2026-11-30T14:00:00Z');
const WHY: TrafficOfRoute['why'] = {
  lastActivity: NOW - 12_000,
  cause: 'data',
  lastRequest: NOW - 90_000,
  requestsPerMinute: 2,
  isPolling: false,
  lastData: NOW - 12_000,
  open: 2,
};

test('the newest comes first, and what its time comes from is marked', () => {
  const reasons = reasonsOf(WHY, NOW - 280_000, true);
  expect(reasons.map(({ source, isNewest }) => `${source} ${isNewest}`)).toEqual([
    'proxy true',
    'proxy false',
    'Hub false',
  ]);
  expect(reasons[0]?.text).toContain('2 open');
});

test('a Hub that knows a newer time is what keeps it active', () => {
  const hubTime = NOW - 2_000;
  expect(reasonsOf(WHY, hubTime, true).filter(({ isNewest }) => isNewest)).toMatchObject([{ source: 'Hub' }]);
  expect(conclusionsOf(WHY, hubTime, NOW)).toEqual([expect.stringContaining('the server itself reports activity')]);
});

test('a time that the Hub rounds is not a newer one', () => {
  expect(conclusionsOf(WHY, WHY.lastActivity + 900, NOW).join()).not.toContain('Hub');
});

test('without a Hub it is not spoken of', () => {
  expect(reasonsOf(WHY, null, false).map(({ source }) => source)).toEqual(['proxy', 'proxy']);
});

test('a page that polls is told from someone who works', () => {
  const asked = { ...WHY, cause: 'request' as const };
  expect(conclusionsOf({ ...asked, isPolling: true }, null, NOW).join()).toContain('looks like a page that polls');
  expect(conclusionsOf(asked, null, NOW).join()).not.toContain('polls');
});

test('what nobody uses is idle, with or without an open connection', () => {
  const idle = { ...WHY, lastActivity: NOW - 3 * 3_600_000, isPolling: true };
  expect(conclusionsOf({ ...idle, open: 0 }, null, NOW)).toEqual([expect.stringMatching(/for 3 h: it is idle\.$/)]);
  expect(conclusionsOf(idle, null, NOW)).toEqual([expect.stringContaining('although a connection is open')]);
});

test('how many are open is not made up where it can not be seen', () => {
  expect(reasonsOf({ ...WHY, open: null }, null, false)[0]?.text).toContain('how many are open is not known');
});

test.each([
  ['added', 'It is new'],
  ['restored', 'Not used since Signalbox started'],
  ['replica', 'another replica'],
] as const)('a time that comes from being %s is told as that', (cause, text) => {
  expect(conclusionsOf({ ...WHY, cause, lastData: null }, null, NOW).join()).toContain(text);
  expect(reasonsOf({ ...WHY, cause, lastData: null }, null, false)[0]?.isNewest).toBe(true);
});
