import { randomBytes } from 'node:crypto';
import type { FleetStatus } from '../../../src/store/fleet.ts';
import { type Postgres, startPostgres } from '../../support/postgres.ts';
import type { ProxyChoice } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { type Cable, layCables } from './cables.ts';

export type Daemon = Pick<Signalbox, 'url' | 'apiUrl' | 'token' | 'api'>;

export interface Replica {
  readonly daemon: Signalbox;
  readonly cable: Cable;
}

export interface Scene {
  readonly sqlite: Signalbox;
  readonly postgres: Postgres;
  /** Those that run, in the order in which they came. */
  readonly replicas: Replica[];
  /** Starts some, or ends some, until there are so many. */
  have(count: number): Promise<void>;
}

/** Not pinned to a core as in the other benchmarks: replicas would wait for each other's. */
export async function startScene(proxy: ProxyChoice, bin: string, most: number): Promise<Scene> {
  const token = randomBytes(16).toString('hex');
  const start = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    startSignalbox({
      ...{ proxy, token, env, truth: 'none', readyTimeout: 120_000 },
      command: [process.execPath, bin, 'serve'],
      args: ['--log-level', 'warn', '--apply-timeout', '5m', '--worker-processes', '1', ...args],
      advertise: args.length > 0,
    });
  // Flushed as in real life, as SQLite does.
  const postgres = await startPostgres({ fsync: true, settings: { shared_buffers: '128MB' } });
  const cables = await layCables(most, postgres.port);
  const replicas: Replica[] = [];
  async function have(count: number): Promise<void> {
    for (const cable of cables.slice(replicas.length, count)) {
      const url = postgres.url.replace(`:${postgres.port}`, `:${cable.port}`);
      replicas.push({ cable, daemon: await start(['--leave-time', '0s'], { SIGNALBOX_DATABASE: url }) });
    }
    for (const { daemon } of replicas.splice(count)) await daemon.stop('SIGTERM', 60_000);
  }
  return { sqlite: await start([], {}), postgres, replicas, have };
}

/** Adds routes, so many by one request; resolves when they are served. */
export async function fill(daemon: Daemon, routes: ReadonlyMap<string, string>, atOnce: number): Promise<void> {
  const all = [...routes];
  for (let first = 0; first < all.length; first += atOnce) {
    const some = all.slice(first, first + atOnce).map(([path, target]) => [path, { target }]);
    // On a connection of its own: one that was kept since the last measure may just end.
    const answer = await daemon.api('PATCH', '/api/routes', Object.fromEntries(some));
    if (answer.status !== 200) throw new Error(`PATCH: ${answer.status} ${answer.text()}`);
  }
}

interface Status {
  readonly generation: { readonly wanted: number; readonly served: number };
  readonly routes: number;
  readonly fleet: FleetStatus;
}

export async function statusOf(daemon: Daemon): Promise<Status> {
  return (await daemon.api('GET', '/status')).json<Status>();
}

/** All that it has been told is served. */
export function untilSettled(daemon: Daemon, routes: number): Promise<unknown> {
  const isSettled = async () => {
    const { generation, routes: there } = await statusOf(daemon);
    return there >= routes && generation.served === generation.wanted;
  };
  return until(isSettled, { what: `${routes} routes to be served`, timeout: 120_000, interval: 5 });
}
