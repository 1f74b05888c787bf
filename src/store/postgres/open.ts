import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../../config/schema.ts';
import type { Log } from '../../system/log.ts';
import { VERSION } from '../../version.ts';
import type { Fleet, FleetEvents } from '../fleet.ts';
import type { Store } from '../store.ts';
import { Connection } from './connection.ts';
import { Feed } from './feed.ts';
import { Membership } from './membership.ts';
import { migrate, requireSchema, SCHEMA_VERSION } from './migrations.ts';
import type { Leases } from './replicas.ts';
import { serversOf } from './servers.ts';
import { acksChannel, changesChannel } from './statements.ts';
import { PostgresStore } from './store.ts';
import { shownUrl } from './url.ts';

/** How long LISTEN may take, ms. */
const LISTEN_MS = 1_500;

/** The table in the PostgreSQL that the configuration names, and this replica among those that share it. Connects to nothing yet. */
export function openPostgres(config: Config, log: Log, events: FleetEvents): { store: Store; fleet: Fleet } {
  const { databaseSchema: schema } = config;
  const servers = serversOf(config);
  const id = randomUUID();
  const data = new Connection({
    servers: servers.data,
    name: 'data',
    log,
    onUp: (session) => (config.databaseMigrate ? migrate(session, schema) : requireSchema(session.query, schema)),
    onReady: () => feed.hint(),
    onReturn: events.onReconnect,
  });
  const control = new Connection({
    servers: servers.control,
    name: 'control',
    log,
    onUp: async ({ query }) => {
      for (const channel of [changesChannel(schema), acksChannel(schema, id)]) {
        await query(`LISTEN "${channel}"`, [], LISTEN_MS);
      }
    },
    onReady: () => fleet.connected(),
    onReturn: events.onReconnect,
    onNotification: (_, payload) => fleet.heard(payload),
  });
  const feed = new Feed({
    connection: data,
    schema,
    replica: id,
    patienceMs: config.applyTimeout,
    onCommit: events.onCommit,
    onReset: events.onReset,
    log,
  });
  const leases: Leases = { leaseMs: config.lease, leaveMs: config.leaveTime };
  const fleet = new Membership({
    connection: control,
    schema,
    feed,
    self: {
      id,
      // Stays the same when it starts again, and then ends the lease of the one before.
      name: `${hostname()}:${config.stateDir}`,
      version: VERSION,
      schemaVersion: SCHEMA_VERSION,
      api: config.advertise,
    },
    leases,
    ack: config.ack,
    database: shownUrl(servers.data),
    onWait: events.onWait,
    log,
  });
  return { store: new PostgresStore({ connection: data, schema, feed, dir: config.stateDir, log }), fleet };
}
