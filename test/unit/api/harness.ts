import { pino } from 'pino';
import type { RouteStats } from '../../../src/activity/stats.ts';
import { buildApi } from '../../../src/api/build.ts';
import type { ApiConfig, ApiOptions } from '../../../src/api/context.ts';
import { createNamespaces } from '../../../src/api/namespaces/create.ts';
import type { StatusReport } from '../../../src/api/schemas.ts';
import type { Config } from '../../../src/config/schema.ts';
import { Events } from '../../../src/observe/events.ts';
import type { ChangeKind } from '../../../src/observe/metrics.ts';
import type { Changes, Outcome } from '../../../src/reconcile/change.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { type Change, compare, fold } from '../../../src/routes/wish.ts';
import { Breather } from '../../../src/system/breather.ts';
import { trafficScene } from '../traffic/scene.ts';

export const TOKEN = 's3cret';

/** Changes that take effect in the table at once, or fail as a test says. */
export class FakeChanges implements Changes {
  readonly submitted: Change[] = [];
  /** What the next submits reject with. */
  failure: Error | undefined;
  /** What the next submits wait for. */
  gate: Promise<void> | undefined;
  readonly #table: RoutingTable;

  constructor(table: RoutingTable) {
    this.#table = table;
  }

  async submit(change: Change): Promise<Outcome> {
    this.submitted.push(change);
    await this.gate;
    if (this.failure) throw this.failure;
    const { wish } = await fold([change], Date.now(), new Breather());
    const batch = await compare(wish, this.#table);
    this.#table.apply(batch);
    const { generation, added, changed, removed } = batch;
    return { generation, added: added.length, changed: changed.length, removed: removed.length };
  }
}

export const REPORT: StatusReport = {
  version: '1.2.3',
  driver: 'nginx',
  table: 'live',
  proxy: { up: true, version: '1.22.1', restarts: 0 },
  generation: { wanted: 9, served: 8 },
  routes: 3,
  namespaces: [],
  pending: 1,
  lastError: { time: '2026-01-31T12:00:00.000Z', message: 'no' },
  refused: [{ key: '/a', reason: 'no', since: '2026-01-31T12:00:00.000Z' }],
  reloads: 2,
  drainingWorkers: null,
  draining: null,
  pins: { targets: 2, share: 0.5 },
  templates: { own: [], error: null },
  activity: { lines: 5, unreadable: 1, backlogBytes: 0, blind: null },
  fleet: null,
  uptimeSeconds: 12.5,
};

const NO_NAMESPACES: Pick<Config, 'namespaces' | 'namespaceTokens'> = { namespaces: [], namespaceTokens: new Map() };

/** The API over a table in memory. */
export function harness(config: Partial<ApiConfig> = {}, { namespaces, namespaceTokens } = NO_NAMESPACES) {
  const table = new RoutingTable();
  const changes = new FakeChanges(table);
  const state = {
    fresh: async (_key?: string) => 0,
    notReady: undefined as string | undefined,
    report: () => REPORT,
    verify: async () => {},
  };
  const events = new Events();
  const counted: ChangeKind[] = [];
  const logged: string[] = [];
  /** By key. */
  const usage = new Map<string, RouteStats>();
  const traffic = trafficScene(table);
  const options: ApiOptions = {
    version: '1.2.3',
    table,
    namespaces: createNamespaces(namespaces ?? [], namespaceTokens, table),
    changes,
    fresh: (key) => state.fresh(key),
    config: { token: TOKEN, hostRouting: false, ...config },
    status: {
      report: () => state.report(),
      generation: () => REPORT.generation,
      notReady: () => state.notReady,
      lease: () => undefined,
    },
    metrics: {
      countChange: (kind) => counted.push(kind),
      render: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'signalbox_routes 3\n' }),
    },
    stats: (key) => usage.get(key),
    events,
    verify: () => state.verify(),
    history: traffic.history,
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
  };
  return { app: buildApi(options), table, changes, state, counted, logged, usage, events, traffic };
}

/** The header that the API asks for. */
export const AUTH = { authorization: `token ${TOKEN}` };
