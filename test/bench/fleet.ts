/**
 * Replicas that share a table in PostgreSQL, each with a cable of its own to it: how long a route takes until all proxies serve it, next to
 * one daemon with SQLite in the same run; catching up; starting; what it costs the database. Everything is on one machine, so
 * more replicas have less of it each.
 *
 *     node test/bench/fleet.ts [--routes 100000] [--users 10000] [--seconds 4]
 */
import { parseArgs } from 'node:util';
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx, testNginxes } from '../support/nginx.ts';
import { nginxProxy } from '../support/proxies.ts';
import { buildPackage } from './contenders/package.ts';
import { type Adds, measureAdds } from './fleet/adds.ts';
import { measureCatchUp } from './fleet/catch-up.ts';
import { roundTrip } from './fleet/round-trip.ts';
import { type Daemon, fill, type Scene, startScene, untilSettled } from './fleet/scene.ts';
import { costAtRest, costOfActivity, type ServerCost } from './fleet/server-cost.ts';
import { measureStarts, type Starts } from './fleet/start.ts';
import { type AddsRow, addsTable, costTable, startsTable } from './fleet/tables.ts';
import { type StaticBackend, startStaticBackend } from './load/backend.ts';
import { busyness, signalboxVersion } from './machine/describe.ts';
import { pathOf, usersFrom } from './measures/users.ts';

const { values } = parseArgs({
  options: {
    routes: { type: 'string', default: '100000' },
    users: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '4' },
  },
});
const [ROUTES, USERS, SECONDS] = [Number(values.routes), Number(values.users), Number(values.seconds)];
const COUNTS = [1, 3, 5];
const RTTS_MS = [0, 1, 3];
const LOADS = [
  { clients: 1, samples: 150 },
  { clients: 10, samples: 600 },
];
/** Whatever hangs. */
const LONGEST_MS = 6 * 60_000;

const end = (code: number) => releaseAll().finally(() => process.exit(code));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(130));
setTimeout(() => {
  console.error(`not done within ${LONGEST_MS / 60_000} minutes`);
  end(1);
}, LONGEST_MS).unref();

try {
  const nginx = testNginxes.at(-1) ?? anyNginx;
  if (!nginx) throw new Error(`no nginx (${missingNginx}): run npm test once, it gets one`);
  console.log(`Signalbox ${signalboxVersion()}; ${busyness()} programs wanted a core in the minute before`);
  const backend = await startStaticBackend(nginx.path);
  const scene = await startScene(nginxProxy(nginx), await buildPackage(), Math.max(...COUNTS));
  console.log(`PostgreSQL ${scene.postgres.version}, flushed; nginx ${nginx.version}\n`);
  console.log(addsTable(await measureLatency(scene, backend)));
  await scene.have(3);
  await measureCosts(scene, backend);
  await scene.have(1);
  console.log(startsTable(ROUTES, await measureAllStarts(scene, backend)));
} finally {
  await releaseAll();
}

async function measureLatency({ sqlite, replicas, have }: Scene, backend: StaticBackend): Promise<AddsRow[]> {
  const rows: AddsRow[] = [];
  for (const count of COUNTS) {
    await have(count);
    const daemons = replicas.map(({ daemon }) => daemon);
    const base = await addsOf([sqlite], backend);
    rows.push({ title: `SQLite, beside ${count}`, adds: base });
    for (const rtt of RTTS_MS) {
      for (const { cable } of replicas) cable.delay(rtt / 2);
      const measured = await roundTrip(replicas[0]?.cable.port ?? 0);
      const title = `${count} ${count === 1 ? 'replica' : 'replicas'}, round trip ${measured.toFixed(1)} ms`;
      rows.push({ title, adds: await addsOf(daemons, backend), base });
    }
    for (const { cable } of replicas) cable.delay(0);
  }
  return rows;
}

async function addsOf(daemons: readonly Daemon[], backend: StaticBackend): Promise<Adds[]> {
  const found: Adds[] = [];
  for (const load of LOADS) found.push(await measureAdds(daemons, backend, { ...load, seconds: SECONDS }));
  return found;
}

/** With three replicas. */
async function measureCosts({ replicas, postgres }: Scene, backend: StaticBackend): Promise<void> {
  const { reconnect, catchUp } = await measureCatchUp(replicas, usersFrom(0, USERS, backend));
  console.log(
    `missed ${USERS} routes: all served ${ms(catchUp)} after the database was reached, which took ${ms(reconnect)}\n`,
  );
  const costs: (readonly [string, ServerCost])[] = [['3 replicas at rest', await costAtRest(postgres)]];
  const daemons = replicas.map(({ daemon }) => daemon);
  const paths = Array.from({ length: USERS }, (_, n) => pathOf(n));
  costs.push([`3 replicas, ${USERS} active users`, await costOfActivity(postgres, daemons, paths)]);
  console.log(costTable(costs));
}

async function measureAllStarts({ sqlite, replicas }: Scene, backend: StaticBackend) {
  const [replica] = replicas;
  if (!replica) throw new Error('there is no replica');
  const found: (readonly [string, Starts])[] = [];
  for (const [title, daemon] of [
    ['SQLite', sqlite],
    ['PostgreSQL', replica.daemon],
  ] as const) {
    await fill(daemon, usersFrom(0, ROUTES, backend), ROUTES);
    await untilSettled(daemon, ROUTES);
    found.push([title, await measureStarts(daemon, ROUTES)]);
    // The other one has the machine for itself.
    await daemon.stop('SIGTERM', 60_000);
  }
  return found;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
