/**
 * A table of 100,000 routes: how long the API pauses for others while one request changes all of it, and how long a start takes whose
 * nginx folder is empty.
 *
 *     node test/bench/large-table.ts [--routes 100000] [--rounds 3]
 */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx, testNginxes } from '../support/nginx.ts';
import { nginxProxy } from '../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../support/signalbox.ts';
import { ask } from './contenders/ask.ts';
import { buildPackage } from './contenders/package.ts';
import { type StaticBackend, startStaticBackend } from './load/backend.ts';
import { startOnlooker } from './load/onlooker.ts';
import { leaveContendersCore, onContendersCore } from './machine/cores.ts';
import { untilServed } from './measures/served.ts';
import { pathOf } from './measures/users.ts';

const { values } = parseArgs({
  options: { routes: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});
const ROUTES = Number(values.routes);
/** What a change leaves to be done after its answer: removing the old table, rendering, the copy of the table. */
const AFTER_MS = 3_000;

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
    readyTimeout: 300_000,
  });
  for (let round = 0; round < Number(values.rounds); round++) await measureChanges(daemon, backend, round);
  for (let round = 0; round < Number(values.rounds); round++) await measureStart(daemon, round);
} finally {
  await releaseAll();
}

async function measureChanges(daemon: Signalbox, backend: StaticBackend, round: number): Promise<void> {
  const headers = { Authorization: `token ${daemon.token}` };
  const onlooker = startOnlooker(`${daemon.apiUrl}/api/routes${pathOf(0)}`, headers);
  const table = `${daemon.apiUrl}/api/routes`;
  const quiet = async () => {
    await delay(500);
    return await onlooker.longest();
  };
  console.log(`round ${round + 1}: longest pause while nothing is done: ${ms(await quiet())}`);
  for (const [shift, method] of ['PUT', 'PATCH'].entries()) {
    const body = tableOf(backend, 2 * round + shift);
    await quiet();
    const since = performance.now();
    const { status } = await ask(method, table, headers, body);
    if (status !== 200) throw new Error(`${method}: ${status}`);
    const took = performance.now() - since;
    await delay(AFTER_MS);
    console.log(`  ${method} of ${ROUTES} routes: ${ms(took)}, longest pause ${ms(await onlooker.longest())}`);
  }
  await ask('GET', table, headers);
  console.log(`  GET of ${ROUTES} routes: longest pause ${ms(await onlooker.longest())}`);
  await onlooker.stop();
}

/** Each round gives all users other targets. */
function tableOf(backend: StaticBackend, shift: number): string {
  const routes = Array.from({ length: ROUTES }, (_, n) => [
    pathOf(n),
    { target: backend.targetOf((n + shift) % ROUTES) },
  ]);
  return JSON.stringify(Object.fromEntries(routes));
}

async function measureStart(daemon: Signalbox, round: number): Promise<void> {
  await daemon.stop('SIGTERM', 30_000);
  // Not removed: for a minute ext4 looks at each inode that was freed before it takes a new one.
  renameSync(join(daemon.stateDir, 'nginx'), join(daemon.stateDir, `nginx-before-${round}`));
  const since = performance.now();
  const ready = daemon.restart();
  await untilReached(`${daemon.url}${pathOf(ROUTES - 1)}/`);
  const served = performance.now() - since;
  await ready;
  const seconds = `first route served after ${(served / 1000).toFixed(2)} s`;
  console.log(`start ${round + 1} with ${ROUTES} routes and no nginx folder: ${seconds}`);
}

/** At first nobody listens. */
async function untilReached(url: string): Promise<void> {
  for (;;) {
    try {
      return await untilServed(url);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
      await delay(10);
    }
  }
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
