import { randomBytes } from 'node:crypto';
import { join as joinPath } from 'node:path';
import { expect } from 'vitest';
import type { FleetStatus } from '../../../src/store/fleet.ts';
import { type Forwarder, startForwarder } from '../../support/forwarder.ts';
import { type Postgres, startPostgres } from '../../support/postgres.ts';
import type { ProxyChoice } from '../../support/proxies.ts';
import { type Signalbox, type SignalboxOptions, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

export interface FleetOptions extends Partial<Omit<SignalboxOptions, 'proxy'>> {
  readonly proxy: ProxyChoice;
  /** How many; 3 unless given. */
  readonly count?: number;
  /** A new one unless given. */
  readonly postgres?: Postgres;
  /** Where the replicas find the database, behind their cables; that of `postgres` unless given. */
  readonly port?: number;
}

/** A daemon, its proxy, and its cable to the database. */
export interface Member extends Signalbox {
  readonly cable: Forwarder;
}

export interface TestFleet {
  readonly postgres: Postgres;
  readonly members: readonly Member[];
  /** One more, that joins. */
  join(options?: Partial<SignalboxOptions>): Promise<Member>;
}

/** Replicas that share a real PostgreSQL, each with a real proxy; ready. They end at once when they are told to, as nobody balances load. */
export async function startFleet({ count = 3, postgres, port, ...options }: FleetOptions): Promise<TestFleet> {
  const database = postgres ?? (await startPostgres());
  const token = randomBytes(16).toString('hex');
  const members: Member[] = [];

  async function join(more: Partial<SignalboxOptions> = {}): Promise<Member> {
    const cable = await startForwarder(port ?? database.port);
    const url = new URL(database.url);
    url.host = `127.0.0.1:${cable.port}`;
    const signalbox = await startSignalbox({
      truth: 'health',
      token,
      stateDir: joinPath(makeTempDir(), 'state'),
      ...options,
      ...more,
      env: { SIGNALBOX_DATABASE: url.href, ...options.env, ...more.env },
      args: ['--leave-time', '0s', ...(options.args ?? []), ...(more.args ?? [])],
      advertise: true,
    });
    const member = Object.assign(Object.create(signalbox) as Signalbox, { cable });
    members.push(member);
    return member;
  }

  for (let index = 0; index < count; index++) await join();
  return { postgres: database, members, join };
}

/** A standby without which no commit is answered: it may take the primary's place, and lacks nothing. */
export async function synchronousStandby(primary: Postgres): Promise<Postgres> {
  const standby = await primary.standby();
  await primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
  await primary.query('SELECT pg_reload_conf()');
  return standby;
}

/** What a replica says of the fleet. */
export async function fleetStatus(member: Signalbox): Promise<FleetStatus> {
  const { fleet } = (await member.api('GET', '/status')).json<{ fleet: FleetStatus | null }>();
  expect(fleet).not.toBeNull();
  return fleet as FleetStatus;
}

export async function generationOf(member: Signalbox): Promise<number> {
  const answer = await member.api('GET', '/api/routes');
  expect(answer.status).toBe(200);
  return Number(answer.header('signalbox-generation'));
}

/** The table as a replica shows it: key to target. */
export async function tableOf(member: Signalbox): Promise<Record<string, string>> {
  const answer = await member.api('GET', '/api/routes');
  expect(answer.status).toBe(200);
  const table = answer.json<Record<string, { target: string }>>();
  return Object.fromEntries(Object.entries(table).map(([key, { target }]) => [key, target]));
}

export async function untilReady(member: Signalbox, isReady = true, timeout = 20_000): Promise<void> {
  await until(async () => ((await member.api('GET', '/readyz')).status === 200) === isReady, {
    what: `a replica to be ${isReady ? '' : 'not '}ready`,
    timeout,
  });
}
