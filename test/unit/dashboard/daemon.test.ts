import { expect, test } from 'vitest';
import { Daemon } from '../../../src/dashboard/daemon.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { startStandIn } from './harness.ts';

const quiet = { info: () => {}, warn: () => {} };

async function made(answer: Parameters<typeof startStandIn>[0] = () => ({ body: {} })) {
  const standIn = await startStandIn(answer);
  let now = 1_000;
  const daemon = new Daemon({ url: standIn.url, token: 't', mayChange: true, log: quiet, now: () => now });
  onCleanup(() => daemon.close());
  const later = (ms: number) => {
    now += ms;
  };
  return { ...standIn, daemon, later };
}

test('however many look at once, and within a second, the daemon is asked once', async () => {
  const { daemon, asked, later } = await made();
  const first = await Promise.all([daemon.get('/status'), daemon.get('/status'), daemon.get('/status')]);
  later(900);
  const again = await daemon.get('/status');
  expect(new Set([...first, again]).size).toBe(1);
  expect(asked).toHaveLength(1);
  later(200);
  await daemon.get('/status');
  expect(asked).toHaveLength(2);
});

test('another path and another query are other questions', async () => {
  const { daemon, asked } = await made();
  await Promise.all(['/events?after=1', '/events?after=2', '/status'].map((path) => daemon.get(path)));
  expect(asked).toHaveLength(3);
});

test('after a change nothing that was seen before is shown', async () => {
  const { daemon, asked } = await made();
  await daemon.get('/status');
  await daemon.send('PATCH', '/api/routes', 'ada via dashboard', '{}');
  await daemon.get('/status');
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /status',
    'PATCH /api/routes',
    'GET /status',
  ]);
  expect(asked[1]?.headers['signalbox-actor']).toBe('ada via dashboard');
});

test('what failed is asked again at once', async () => {
  let isForbidden = true;
  const { daemon } = await made(() => (isForbidden ? { status: 401, body: {} } : { body: { good: true } }));
  await expect(daemon.get('/status')).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  isForbidden = false;
  expect(JSON.parse((await daemon.get('/status')).text)).toEqual({ good: true });
});
