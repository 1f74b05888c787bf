/**
 * What the dashboard's page costs the browser that shows it: what the first load fetches, how long an update of each view keeps its
 * one thread, and whether memory grows with the updates. And how large and how late the daemon's answers are.
 *
 *     node test/bench/dashboard.ts [--routes 10000,100000] [--updates 600]
 */
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { startDashboard } from '../integration/dashboard/scene.ts';
import { launchChromium } from '../support/chromium.ts';
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx, testNginxes } from '../support/nginx.ts';
import { nginxProxy } from '../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../support/signalbox.ts';
import { ask } from './contenders/ask.ts';
import { startStaticBackend } from './load/backend.ts';
import { quantile } from './report/quantile.ts';

const { values } = parseArgs({
  options: {
    routes: { type: 'string', default: '10000,100000' },
    updates: { type: 'string', default: '600' },
  },
});
const UPDATES = Number(values.updates);
/** Used just before, so that the daemon has a history of them. */
const USED = 200;
const VIEWS = ['', 'routes', 'routes?sort=requests&desc=true', 'people', 'proxy', 'events'];

try {
  const nginx = testNginxes.at(-1) ?? anyNginx;
  if (!nginx) throw new Error(`no nginx (${missingNginx}): run npm test once, it gets one`);
  const backend = await startStaticBackend(nginx.path);
  const daemon = await startSignalbox({
    proxy: nginxProxy(nginx),
    truth: 'none',
    args: ['--log-level', 'warn', '--apply-timeout', '5m'],
    readyTimeout: 300_000,
  });
  const dashboard = await startDashboard({
    api: daemon.apiUrl,
    args: ['--log-level', 'warn'],
    env: { SIGNALBOX_API_TOKEN: daemon.token },
  });
  const page = await (await launchChromium()).newPage({ viewport: { width: 1280, height: 900 } });
  const debug = await page.context().newCDPSession(page);
  await signIn(page, dashboard.url, daemon.token);
  console.log(`first load: ${kib(await firstLoad(page, debug))} on the wire`);
  for (const routes of values.routes.split(',').map(Number)) {
    await fill(daemon, routes, backend.targetOf);
    console.log(`${routes} routes`);
    for (const view of VIEWS) await measureView(page, debug, `${dashboard.url}#/${view}`);
  }
  await measureMemory(page, debug, `${dashboard.url}#/routes`);
} finally {
  await releaseAll();
}

async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(url);
}

async function fill(daemon: Signalbox, count: number, targetOf: (n: number) => string): Promise<void> {
  const name = (n: number) => `user-${String(n).padStart(6, '0')}`;
  const routes = Array.from({ length: count }, (_, n) => [
    `/user/${name(n)}`,
    { target: targetOf(n), user: name(n), server_name: '' },
  ]);
  const headers = { Authorization: `token ${daemon.token}` };
  const body = JSON.stringify(Object.fromEntries(routes));
  const { status } = await ask('PUT', `${daemon.apiUrl}/api/routes`, headers, body);
  if (status !== 200) throw new Error(`PUT: ${status}`);
  for (let n = 0; n < USED; n++) await ask('GET', `${daemon.url}/user/${name(n)}/`);
}

/** Bytes that come, as they come: compressed. */
async function firstLoad(page: Page, debug: CDPSession): Promise<number> {
  let bytes = 0;
  const count = ({ encodedDataLength }: { encodedDataLength: number }) => {
    bytes += encodedDataLength;
  };
  await debug.send('Network.enable');
  await debug.send('Network.setCacheDisabled', { cacheDisabled: true });
  debug.on('Network.loadingFinished', count);
  await page.reload();
  await page.getByText('serving').first().waitFor();
  debug.off('Network.loadingFinished', count);
  await debug.send('Network.setCacheDisabled', { cacheDisabled: false });
  await debug.send('Network.disable');
  return bytes;
}

/** Has the page ask for all that it shows, and waits until it has it. */
async function update(page: Page): Promise<void> {
  // As when the window is seen again; the errors are asked for by every view.
  const last = page.waitForResponse(/show=errors/);
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
  await (await last).finished();
}

async function measureView(page: Page, debug: CDPSession, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('main').waitFor();
  const answers: { ms: number; bytes: number }[] = [];
  page.on('requestfinished', async (request) => {
    if (!request.url().includes('/api/traffic/')) return;
    const { responseStart, requestStart } = request.timing();
    const { responseBodySize: bytes } = await request.sizes();
    answers.push({ ms: responseStart - requestStart, bytes });
  });
  for (let warm = 0; warm < 10; warm++) await update(page);
  const before = await metrics(debug);
  const rounds = 30;
  for (let round = 0; round < rounds; round++) await update(page);
  const after = await metrics(debug);
  page.removeAllListeners('requestfinished');
  const each = (name: string) => `${((((after[name] ?? 0) - (before[name] ?? 0)) * 1000) / rounds).toFixed(1)} ms`;
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const largest = Math.max(...answers.map(({ bytes }) => bytes));
  console.log(
    `  ${(new URL(url).hash || '#/').padEnd(32)} an update: script ${each('ScriptDuration')}, layout and style ` +
      `${((((after.LayoutDuration ?? 0) + (after.RecalcStyleDuration ?? 0) - (before.LayoutDuration ?? 0) - (before.RecalcStyleDuration ?? 0)) * 1000) / rounds).toFixed(1)} ms; ` +
      `answers p50 ${quantile(times, 0.5)?.toFixed(0)} ms, p95 ${quantile(times, 0.95)?.toFixed(0)} ms, at most ${kib(largest)}`,
  );
}

async function measureMemory(page: Page, debug: CDPSession, url: string): Promise<void> {
  await page.goto(url);
  const told: string[] = [];
  for (let count = 0; count <= UPDATES; count++) {
    if (count % (UPDATES / 4) === 0) {
      await debug.send('HeapProfiler.collectGarbage');
      const { JSHeapUsedSize = 0, Nodes = 0 } = await metrics(debug);
      told.push(`${kib(JSHeapUsedSize)} and ${Nodes} nodes after ${count}`);
    }
    await update(page);
  }
  console.log(`heap of #/routes: ${told.join(', ')} updates`);
}

async function metrics(debug: CDPSession): Promise<Readonly<Record<string, number>>> {
  await debug.send('Performance.enable');
  const { metrics: found } = await debug.send('Performance.getMetrics');
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
