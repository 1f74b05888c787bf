import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { until } from '../../support/wait.ts';
import { describeCombinations } from '../proxying/combinations.ts';
import { type ActivityCase, activityCases, expectedOf, type Verdict } from './cases.ts';

const PROBE_MS = 500;
/** Enough for several looks. */
const RUN_MS = 4 * PROBE_MS;
/** What passes at most until the end of a request shows, on a busy machine. */
const SHOW_MS = 5_000;

interface Proxy {
  readonly port: number;
  add(route: string, target: string): Promise<unknown>;
  lastActivity(route: string): Promise<number>;
}

async function observe(proxy: Proxy, one: ActivityCase, route: string): Promise<Verdict> {
  const backend = await startBackend();
  await proxy.add(route, backend.url);
  const end = await one.start(proxy.port, route);
  let during: boolean | undefined;
  if (one.chp.during !== undefined) {
    // Not the first looks: what a websocket's or an upload's beginning does is none of its verdict.
    await delay(RUN_MS);
    const from = Date.now();
    await delay(RUN_MS);
    during = (await proxy.lastActivity(route)) >= from;
  } else await delay(50);
  const ended = Date.now();
  await end();
  // The last piece of data of a case that sends goes out before its end.
  const from = ended + (one.chp.during ? 150 : 0);
  const moved = await until(async () => (await proxy.lastActivity(route)) >= from, {
    what: 'the end to show',
    timeout: SHOW_MS,
    interval: 200,
  }).then(
    () => true,
    () => false,
  );
  return during === undefined ? { end: moved } : { during, end: moved };
}

/** All at once, each on a route and a backend of its own. */
async function observeAll(proxy: Proxy): Promise<Record<string, Verdict>> {
  const verdicts = await Promise.all(
    activityCases.map(async (one, index) => [one.name, await observe(proxy, one, `/case/${index}`)] as const),
  );
  return Object.fromEntries(verdicts);
}

const expected = (verdict: (one: ActivityCase) => Verdict) =>
  Object.fromEntries(activityCases.map((one) => [one.name, verdict(one)]));

test('configurable-http-proxy says who is active', async () => {
  const [port, apiPort] = [await freePort(), await freePort()];
  const file = resolve(
    import.meta.dirname,
    '../../..',
    'node_modules/configurable-http-proxy/bin/configurable-http-proxy',
  );
  const flags = ['--ip', '127.0.0.1', '--port', String(port), '--api-ip', '127.0.0.1', '--api-port', String(apiPort)];
  startProcess(process.execPath, [file, ...flags]);
  const api = (method: string, path: string, body?: object) =>
    rawRequest({
      port: apiPort,
      method,
      target: join('/api/routes', path),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  await until(() => api('GET', '/'), { what: 'configurable-http-proxy to answer' });
  const verdicts = await observeAll({
    port,
    add: (route, target) => api('POST', route, { target }),
    lastActivity: async (route) =>
      Date.parse((await api('GET', route)).json<{ last_activity: string }>().last_activity),
  });
  expect(verdicts).toEqual(expected(({ chp }) => chp));
});

describeCombinations(({ start, driver }) => {
  test('Signalbox says the same', async () => {
    const box = await start({}, '--activity-probe-interval', `${PROBE_MS}ms`);
    const verdicts = await observeAll({
      port: box.port,
      add: (route, target) => box.add(route, target),
      lastActivity: async (route) => {
        const answer = await box.api('GET', `/api/routes${route}`);
        return Date.parse(answer.json<{ last_activity: string }>().last_activity);
      },
    });
    expect(verdicts).toEqual(expected((one) => expectedOf(one, driver)));
  });
});
