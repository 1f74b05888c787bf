import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Postgres } from '../../support/postgres.ts';
import { until } from '../../support/wait.ts';
import { ask } from '../contenders/ask.ts';
import { processesOf } from '../contenders/processes.ts';
import { inParallel } from '../load/in-parallel.ts';
import { cpuSeconds } from '../machine/usage.ts';
import type { Daemon } from './scene.ts';

/** What PostgreSQL had to do, a second. */
export interface ServerCost {
  readonly cpuMs: number;
  readonly walBytes: number;
  readonly statements: number;
}

const REST_MS = 10_000;
/** The daemons store times every 30 s. */
const PERIOD_MS = 30_000;

export async function costAtRest(postgres: Postgres): Promise<ServerCost> {
  // What earlier measures have left to be done is done.
  await delay(PERIOD_MS);
  await postgres.query('VACUUM ANALYZE');
  return costOf(postgres, () => delay(REST_MS));
}

/** Each user makes a request, through one of the proxies, in the period after which times are stored. */
export async function costOfActivity(
  postgres: Postgres,
  daemons: readonly Daemon[],
  paths: readonly string[],
): Promise<ServerCost> {
  return costOf(postgres, async () => {
    const since = Date.now();
    await inParallel(10, [...paths.keys()], async (n) => {
      await ask('GET', `${daemons[n % daemons.length]?.url}${paths[n]}/`);
    });
    const stored = async () => {
      const text = 'SELECT count(*)::int AS count FROM signalbox.activity WHERE ms >= $1';
      return (await postgres.query<{ count: number }>(text, [since]))[0]?.count === paths.length;
    };
    await delay(PERIOD_MS);
    await until(stored, { what: 'all times to be stored', timeout: 2 * PERIOD_MS, interval: 500 });
  });
}

async function costOf(postgres: Postgres, during: () => Promise<unknown>): Promise<ServerCost> {
  const before = await look(postgres);
  await during();
  const after = await look(postgres);
  const seconds = after.seconds - before.seconds;
  return {
    cpuMs: ((after.cpu - before.cpu) * 1000) / seconds,
    walBytes: (after.wal - before.wal) / seconds,
    statements: (after.statements - before.statements) / seconds,
  };
}

async function look(postgres: Postgres) {
  // The first line of the file is the pid of all others' parent.
  const pid = Number.parseInt(readFileSync(join(postgres.socketDir, 'data/postmaster.pid'), 'utf8'), 10);
  const text = `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS wal,
    (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::float8 AS statements`;
  const [{ wal, statements } = { wal: 0, statements: 0 }] = await postgres.query<{ wal: number; statements: number }>(
    text,
  );
  return { wal, statements, cpu: cpuSeconds(processesOf(pid)), seconds: performance.now() / 1000 };
}
