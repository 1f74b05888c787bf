import { expect, test } from 'vitest';
import type { People, Traffic, TrafficOfRoute, TrafficRoutes } from '../../../src/api/traffic/schemas.ts';
import { startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import { describeEachProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { open } from '../../support/ws-client.ts';

async function get<T>(box: Signalbox, path: string): Promise<T> {
  const answer = await box.api('GET', path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json<T>();
}

const detail = (box: Signalbox, key: string) =>
  get<TrafficOfRoute>(box, `/traffic/route?key=${encodeURIComponent(key)}`);
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

describeEachProxy('the history of traffic', (proxy) => {
  test('has each request where it belongs', async () => {
    const [backend, closed] = [await startBackend(), await freePort()];
    const box = await startSignalbox({ proxy, truth: 'health', args: ['--activity-probe-interval', '500ms'] });
    await box.add('/user/ada', backend.url, { user: 'ada', server_name: '' });
    await box.add('/user/bob', `http://127.0.0.1:${closed}`, { user: 'bob', server_name: '' });
    await box.add('/services/idle', backend.url, { service: 'idle' });
    for (const path of ['/x', '/x', '/x', '/status/302', '/status/404', '/status/503', '/slow/1500']) {
      await box.get(`/user/ada${path}`);
    }
    for (let n = 0; n < 2; n++) expect((await box.get('/user/bob/x')).status).toBeGreaterThanOrEqual(500);
    await until(async () => (await get<Traffic>(box, '/traffic')).now.requests === 9, {
      what: 'the lines of nine requests',
    });

    const all = await get<Traffic>(box, '/traffic');
    for (const samples of [all.fine, all.coarse]) {
      const { success, redirect, clientError, serverError, unreachable, bytes, changes } = samples;
      expect([success, redirect, clientError, serverError, unreachable, changes].map(sum)).toEqual([4, 1, 1, 3, 2, 3]);
      expect(sum(bytes)).toBeGreaterThan(0);
      expect(samples.passP95.some((ms) => ms !== null)).toBe(true);
    }
    expect(all.now).toMatchObject({ serverErrors: 3, unreachable: 2 });
    expect(all.firstByte).toBe(proxy.driver === 'traefik' ? 'whole answer' : 'first byte');

    const ada = await detail(box, '/user/ada');
    expect(ada.statuses).toEqual({
      informational: 0,
      success: 4,
      redirect: 1,
      clientError: 1,
      serverError: 1,
      unreachable: 0,
    });
    expect([sum(ada.minutes?.requests ?? []), sum(ada.minutes?.serverErrors ?? [])]).toEqual([7, 1]);
    expect(ada.why).toMatchObject({ cause: 'request', lastRequest: expect.any(Number), isPolling: false });
    expect(ada.firstByteP99).toBeGreaterThan(1_000);
    expect(ada.firstByteP50).toBeLessThan(1_000);
    expect([ada.sharedWith, ada.route.unreachableSince]).toEqual([1, null]);
    const bob = await detail(box, '/user/bob');
    expect(bob.route).toMatchObject({
      requests: 2,
      serverErrors: 2,
      unreachable: 2,
      cause: 'added',
      firstByteP95: null,
    });
    expect(bob.route.unreachableSince).toBeGreaterThan(all.since);

    const keysOf = async (query: string) =>
      (await get<TrafficRoutes>(box, `/traffic/routes?${query}`)).rows.map(({ key }) => key);
    expect(await keysOf('sort=requests&desc=1')).toEqual(['/user/ada', '/user/bob', '/services/idle']);
    expect(await keysOf('show=never')).toEqual(['/services/idle']);
    expect(await keysOf('show=errors&kind=user&q=BOB')).toEqual(['/user/bob']);
  });

  test('has who is connected', async () => {
    const [backend, other] = [await startBackend(), await startBackend()];
    const box = await startSignalbox({ proxy, truth: 'health', args: ['--activity-probe-interval', '300ms'] });
    await box.add('/user/ada', backend.url, { user: 'ada', server_name: '' });
    await box.add('/user/bob', other.url, { user: 'bob', server_name: '' });
    const sockets = await Promise.all([1, 2].map(() => open(`ws://127.0.0.1:${box.port}/user/ada/ws`)));
    await until(async () => (await get<Traffic>(box, '/traffic')).now.people === 1, { what: 'one person to be seen' });
    await until(async () => (await detail(box, '/user/ada')).route.open === 2, { what: 'both websockets to be seen' });
    const all = await get<Traffic>(box, '/traffic');
    expect(all).toMatchObject({
      now: { websockets: 2 },
      open: proxy.driver === 'traefik' ? 'connections' : 'websockets',
      blind: null,
    });
    expect(Math.max(...all.coarse.people.map(Number))).toBe(1);
    const connected = async () => (await get<People>(box, '/traffic/people?show=connected')).rows;
    await until(async () => (await connected()).length === 1, { what: 'the list to have it' });
    expect(await connected()).toMatchObject([{ user: 'ada', open: 2, serverCount: 1 }]);

    sockets[0]?.send('hello');
    await until(async () => (await detail(box, '/user/ada')).why.cause === 'data', { what: 'data to be the cause' });
    for (const socket of sockets) socket.terminate();
    await until(async () => (await get<Traffic>(box, '/traffic')).now.people === 0, { what: 'nobody to be seen' });
    expect((await detail(box, '/user/ada')).route.open).toBe(0);
  });
});
