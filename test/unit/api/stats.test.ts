import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adding } from '../../support/adding.ts';
import { AUTH, harness } from './harness.ts';

let box: ReturnType<typeof harness>;
const STATS = {
  ...{ requests: 3, bytes: 900, openConnections: 1, lastStatus: 304, p50: 5, p95: 9 },
  since: '2026-11-22T11:00:00.000Z',
};

beforeEach(() => {
  box = harness();
  for (const key of ['/user/ada', '/user/bob']) add(key, Date.now());
  box.usage.set('/user/ada', STATS);
});
afterEach(() => box.app.close());

function add(key: string, lastActivity: number) {
  const route = { key, target: 'http://b', data: '{"target":"http://b"}' };
  box.table.apply(adding(1, { route, lastActivity }));
}

async function get(url: string) {
  const { statusCode, body } = await box.app.inject({ url, headers: AUTH });
  return { statusCode, body: JSON.parse(body) };
}

describe('?stats=1', () => {
  it('adds statistics to each route, where there are any', async () => {
    for (const url of ['/api/routes?stats=1', '/api/routes/?inactiveSince=2999-01-01&stats=true']) {
      const { body } = await get(url);
      expect(body['/user/ada'].stats).toEqual(STATS);
      expect(Object.keys(body['/user/bob'])).toEqual(['target', 'last_activity']);
    }
  });

  it('adds them to one route', async () => {
    expect((await get('/api/routes/user/ada?stats=1')).body.stats).toEqual(STATS);
  });

  it.each(['/api/routes', '/api/routes?stats=0', '/api/routes?stats=', '/api/routes?stats'])(
    'is not %s, whose answer is key for key as of CHP',
    async (url) => {
      expect(Object.keys((await get(url)).body['/user/ada'])).toEqual(['target', 'last_activity']);
    },
  );
});

it('a time in the future, left by a clock that was set back, is shown as now', async () => {
  add('/user/ada', Date.now() + 3_600_000);
  const { body } = await get('/api/routes');
  expect(Date.parse(body['/user/ada'].last_activity)).toBeLessThanOrEqual(Date.now());
});
