import { join } from 'node:path';
import { signalboxFormat } from '../../../src/activity/formats/signalbox.ts';
import { traefikRouterFormat } from '../../../src/activity/formats/traefik-router.ts';
import type { Hit } from '../../../src/activity/hit.ts';
import { Tracker } from '../../../src/activity/tracker.ts';
import { Backends } from '../../../src/proxies/backends.ts';
import { RouterNames } from '../../../src/proxies/traefik/router-names.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { LocalStore } from '../../../src/store/local-store.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { ProxyKind } from '../../support/proxies.ts';
import type { Signalbox } from '../../support/signalbox.ts';

/** What a daemon knows of the use of its routes, asked for in this process: it reads the log of a running proxy and looks at its sockets. */
export interface Observer {
  readonly tracker: Tracker;
  /** Of all lines that were read. */
  readonly hits: readonly Hit[];
  /** Puts a route into the table, and has the proxy serve it. */
  add(key: string, target: string): Promise<void>;
  /** Reads what there is. */
  read(): Promise<void>;
  lastActivity(key: string): number | undefined;
  stop(): Promise<void>;
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const SELDOM_MS = 3_600_000;

/** `dir`: where an earlier one kept its table, to go on with that. */
export async function observe(box: Signalbox, driver: ProxyKind, dir: string): Promise<Observer> {
  const table = new RoutingTable();
  const disk = await openSqlite({ dir, log });
  const store = new LocalStore(disk, log);
  await store.open({
    table,
    reset: ({ generation, entries }) => table.reset(generation, entries),
    batch: async (batch) => table.apply(batch),
    used: (times) => table.touch(times),
  });
  const backends = () => {
    const known = new Backends();
    for (const { key, target } of table.routes()) known.add(new URL(target).host, [key], target.startsWith('https:'));
    return known.found;
  };
  const names = new RouterNames('signalbox', ['public']);
  const parse =
    driver === 'nginx' ? signalboxFormat() : traefikRouterFormat((name) => names.keyIn(names.routeIn(name) ?? ''));
  const hits: Hit[] = [];
  const tracker = new Tracker({
    ...{ table, store, cursors: disk.cursors, backends, log },
    ...{ storeIntervalMs: SELDOM_MS, probeIntervalMs: SELDOM_MS, mixed: driver === 'traefik' },
    logs: [{ path: join(box.stateDir, driver, 'access.log'), parse }],
    onHit: (hit) => hits.push(hit),
  });
  await tracker.start();
  const stop = onCleanup(async () => {
    await tracker.stop();
    await disk.close();
  });
  return {
    tracker,
    hits,
    async add(key, target) {
      const answer = await box.api('POST', `/api/routes${key}`, { target });
      if (answer.status !== 201) throw new Error(`${key}: ${answer.status} ${answer.text()}`);
      const entry = { route: makeRoute(key, { target }), lastActivity: Date.now() };
      await store.commit({ clear: undefined, put: new Map([[key, entry]]) });
    },
    read: () => tracker.read(),
    lastActivity: (key) => table.get(key)?.lastActivity,
    stop,
  };
}
