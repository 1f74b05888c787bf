/**
 * What the history of traffic costs: a line of the access log with it and without, its memory, the answers for the dashboard at 10,000 and
 * at 100,000 routes, and five viewers who poll a daemon with traffic.
 *
 *     node test/bench/traffic.ts [--lines 500000] [--seconds 30]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { signalboxFormat } from '../../src/activity/formats/signalbox.ts';
import type { Hit } from '../../src/activity/hit.ts';
import { Tracker } from '../../src/activity/tracker.ts';
import type { DriverStatus } from '../../src/proxies/driver.ts';
import { makeRoute } from '../../src/routes/route.ts';
import { RoutingTable } from '../../src/routes/table.ts';
import { History } from '../../src/traffic/history.ts';
import { adding } from '../support/adding.ts';
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx, testNginxes } from '../support/nginx.ts';
import { nginxProxy } from '../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../support/signalbox.ts';
import { ask } from './contenders/ask.ts';
import { buildPackage } from './contenders/package.ts';
import { type StaticBackend, startStaticBackend } from './load/backend.ts';
import { startOnlooker } from './load/onlooker.ts';
import { leaveContendersCore, onContendersCore } from './machine/cores.ts';
import { cpuSeconds } from './machine/usage.ts';
import { pathOf } from './measures/users.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '500000' }, seconds: { type: 'string', default: '30' } },
});
const LINES = Number(values.lines);
const SECONDS = Number(values.seconds);
const ROUNDS = 3;
const VIEWERS = 5;
const POLL_MS = 2_000;
const REQUESTS_PER_SECOND = 200;

for (const routes of [10_000, 25_600, 100_000]) await measureLines(routes);
try {
  const nginx = testNginxes.at(-1) ?? anyNginx;
  if (!nginx) throw new Error(`no nginx (${missingNginx}): run npm test once, it gets one`);
  leaveContendersCore();
  const backend = await startStaticBackend(nginx.path);
  const daemon = await startSignalbox({
    proxy: nginxProxy(nginx),
    command: onContendersCore(process.execPath, [await buildPackage(), 'serve']),
    truth: 'none',
    args: ['--log-level', 'warn', '--apply-timeout', '5m'],
  });
  for (const routes of [10_000, 100_000]) {
    await putRoutes(daemon, backend, routes);
    await measureAnswers(daemon, routes);
  }
  await putRoutes(daemon, backend, 10_000);
  await measureViewers(daemon, 10_000);
} finally {
  await releaseAll();
}

/** CPU time of this process for each line, read as the daemon reads it: the best of some rounds, of which each has one of both kinds. */
async function measureLines(routes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const log = join(folder, 'access.log');
  const table = new RoutingTable();
  const set = Array.from({ length: routes }, (_, n) => ({
    route: makeRoute(pathOf(n), { target: 'http://127.0.0.1:9', user: `u${n}`, server_name: '' }),
    lastActivity: 1,
  }));
  table.apply(adding(1, ...set));
  const best = { without: Number.POSITIVE_INFINITY, with: Number.POSITIVE_INFINITY };
  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    best.without = Math.min(best.without, await readLines(table, log, routes, undefined));
    const before = memoryNow();
    const history = quietHistory(table);
    best.with = Math.min(best.with, await readLines(table, log, routes, (hit) => history.hit(hit)));
    memory.push(memoryNow() - before);
    // It lives until here.
    history.overview(undefined);
  }
  rmSync(folder, { recursive: true });
  const ratio = `${(best.with / best.without).toFixed(2)} of that`;
  const spent = `a line ${best.without.toFixed(0)} ns without history, ${best.with.toFixed(0)} with it (${ratio})`;
  console.log(`${routes} used routes: ${spent}; history takes ${(Math.min(...memory) / 1e6).toFixed(1)} MB`);
}

function quietHistory(table: RoutingTable): History {
  const driver = { status: () => ({ reloads: 0 }) as DriverStatus, accessLog: undefined };
  return new History({ table, driver, tracker: () => undefined, fresh: async () => 0 });
}

async function readLines(
  table: RoutingTable,
  log: string,
  routes: number,
  onHit: ((hit: Hit) => void) | undefined,
): Promise<number> {
  writeFileSync(log, '');
  const tracker = new Tracker({
    table,
    store: { touch: async () => undefined },
    storeIntervalMs: 3_600_000,
    cursors: { read: async () => new Map(), save: async () => undefined },
    logs: [{ path: log, parse: signalboxFormat(0) }],
    backends: () => new Map(),
    probeIntervalMs: 3_600_000,
    sockets: async () => [],
    log: { info: () => undefined, warn: console.warn },
    ...(onHit && { onHit }),
  });
  await tracker.start();
  writeFileSync(log, lines(routes));
  const cpu = process.cpuUsage();
  await tracker.read();
  const { user, system } = process.cpuUsage(cpu);
  const status = tracker.status();
  await tracker.stop();
  if (status.lines !== LINES || status.unreadable > 0) throw new Error(`read ${JSON.stringify(status)}`);
  return ((user + system) * 1_000) / LINES;
}

/** As a busy Hub makes them, all of now: one in ten slow, one in a hundred an error. */
function lines(routes: number): string {
  const parts: string[] = [];
  const now = (Date.now() / 1000).toFixed(3);
  for (let line = 0; line < LINES; line++) {
    const status = line % 100 === 0 ? 503 : 200;
    const took = (((line * 31) % 997) / 1000).toFixed(3);
    parts.push(
      `${now} ${status} ${took} ${300 + (line % 5000)} 400 550 -OK ${took} ${took} ${pathOf((line * 7919) % routes)}\n`,
    );
  }
  return parts.join('');
}

function memoryNow(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function putRoutes(daemon: Signalbox, backend: StaticBackend, routes: number): Promise<void> {
  const table = Array.from({ length: routes }, (_, n) => [
    pathOf(n),
    { target: backend.targetOf(n), user: `u${n}`, server_name: '', jupyterhub: true },
  ]);
  const { status, body } = await ask(
    'PUT',
    urlOf(daemon, '/api/routes'),
    headersOf(daemon),
    JSON.stringify(Object.fromEntries(table)),
  );
  if (status !== 200) throw new Error(`PUT: ${status} ${body}`);
}

/** Each answer is made anew: the one before is too old. */
async function measureAnswers(daemon: Signalbox, routes: number): Promise<void> {
  await useRoutes(daemon, routes);
  console.log(`${routes} routes:`);
  const onlooker = startOnlooker(urlOf(daemon, '/healthz'), {});
  for (const path of [
    '/traffic',
    '/traffic/routes',
    '/traffic/routes?sort=requests&desc=1',
    '/traffic/routes?sort=target&desc=1',
    '/traffic/routes?q=u99&kind=user&sort=used',
    '/traffic/people?sort=requests&desc=1',
    '/traffic/route?key=%2Fuser%2Fu7',
  ]) {
    const took: number[] = [];
    let bytes = 0;
    await onlooker.longest();
    for (let round = 0; round < ROUNDS; round++) {
      await delay(POLL_MS + 100);
      const since = performance.now();
      const { status, body } = await ask('GET', urlOf(daemon, path), headersOf(daemon));
      took.push(performance.now() - since);
      if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
      bytes = Buffer.byteLength(body);
    }
    took.sort((a, b) => a - b);
    const [median, most] = [took[ROUNDS >> 1] as number, took.at(-1) as number];
    const times = `${median.toFixed(0)} ms, at most ${most.toFixed(0)}`;
    console.log(
      `  ${path.padEnd(45)} ${(bytes / 1000).toFixed(1).padStart(6)} kB  ${times}, longest pause for others ${(await onlooker.longest()).toFixed(0)} ms`,
    );
  }
  await onlooker.stop();
}

/** Some requests to a hundred routes. */
async function useRoutes(daemon: Signalbox, routes: number): Promise<void> {
  for (let n = 0; n < 1_000; n++) await ask('GET', `${daemon.url}${pathOf((n * 7919) % Math.min(100, routes))}/x`);
}

async function measureViewers(daemon: Signalbox, routes: number): Promise<void> {
  let isOver = false;
  const load = (async () => {
    for (let n = 0; !isOver; n += 10) {
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => ask('GET', `${daemon.url}${pathOf(((n + i) * 7919) % routes)}/x`)),
      );
      await delay(10_000 / REQUESTS_PER_SECOND);
    }
  })();
  const onlooker = startOnlooker(urlOf(daemon, '/healthz'), {});
  const during = async (name: string) => {
    await onlooker.longest();
    const cpu = cpuSeconds([daemon.pid]);
    await delay(SECONDS * 1_000);
    const share = ((cpuSeconds([daemon.pid]) - cpu) / SECONDS) * 100;
    console.log(`${name}: ${share.toFixed(1)} % of a core, longest pause ${(await onlooker.longest()).toFixed(0)} ms`);
  };
  await during(`${routes} routes, some ${REQUESTS_PER_SECOND} requests/s, nobody looks (but the onlooker)`);
  const viewers = Array.from({ length: VIEWERS }, (_, n) => view(daemon, n, () => isOver));
  await during(`the same with ${VIEWERS} viewers who poll every ${POLL_MS / 1000} s, each another list`);
  isOver = true;
  await Promise.all([load, ...viewers]);
  await onlooker.stop();
}

async function view(daemon: Signalbox, viewer: number, isOver: () => boolean): Promise<void> {
  const sort = ['route', 'requests', 'slow', 'used', 'target'][viewer % 5];
  let since = 0;
  while (!isOver()) {
    const headers = headersOf(daemon);
    const { body } = await ask('GET', urlOf(daemon, `/traffic?since=${since}`), headers);
    since = (JSON.parse(body) as { fine: { times: number[] } }).fine.times.at(-1) ?? 0;
    await ask('GET', urlOf(daemon, `/traffic/routes?sort=${sort}&desc=1`), headers);
    await delay(POLL_MS);
  }
}

function urlOf({ apiUrl }: Signalbox, path: string): string {
  return apiUrl + path;
}

function headersOf({ token }: Signalbox): Record<string, string> {
  return { Authorization: `token ${token}` };
}
