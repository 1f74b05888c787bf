import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { FleetEvents, FleetStatus, Replica } from '../store/fleet.ts';

/** Where the gauges of a shared table read at each scrape. */
export interface FleetSources {
  status(): FleetStatus;
  /** The newest generation here, and that which the proxy of this replica serves. */
  generation(): { wanted: number; served: number };
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics of a table that several replicas share. A daemon with SQLite has none of them: there is nothing that they could say. */
export function registerFleetMetrics({ status, generation }: FleetSources, registers: Registry[]): FleetEvents {
  gauge('signalbox_store_up', 'Whether the database can be used.', () => Number(status().problem === null));
  gauge(
    'signalbox_store_stale_seconds',
    'Since the table was last known to be that of the database; 0 while it is.',
    () => {
      return status().staleSeconds;
    },
  );
  gauge('signalbox_fleet_lease', 'Whether other replicas wait until the proxy of this one serves their changes.', () =>
    Number(status().lease),
  );
  gauge('signalbox_fleet_listening', 'Whether changes of others are heard of at once, and not only looked for.', () =>
    Number(status().listening),
  );
  new Gauge({
    name: 'signalbox_fleet_replicas',
    help: 'Replicas that share the table, by their state; gone: it still has a row, and its lease has ended.',
    labelNames: ['state'],
    registers,
    collect() {
      const states = status().replicas.map((one) => (one.leaseSeconds > 0 ? one.state : 'gone'));
      for (const state of ['joining', 'serving', 'gone'] as const) {
        this.set({ state }, states.filter((one) => one === state).length);
      }
    },
  });
  new Gauge({
    name: 'signalbox_fleet_generation_lag',
    help: '0 when the newest table is served, else by how much that is newer than the one which is, in generations, which are times in ms: of this replica, and the worst of the others that changes wait for.',
    labelNames: ['replica'],
    registers,
    collect() {
      this.reset();
      const { wanted, served } = generation();
      // While the proxy serves none there is no difference; signalbox_generation_served says so.
      if (served >= 0) this.set({ replica: 'self' }, Math.max(0, wanted - served));
      const others = lagsOfOthers(status().replicas);
      if (others.length > 0) this.set({ replica: 'others' }, Math.max(...others));
    },
  });
  const commits = new Histogram({
    name: 'signalbox_store_commit_seconds',
    help: 'How long the database took to store a batch of changes.',
    buckets: BUCKETS,
    registers,
  });
  const waits = new Histogram({
    name: 'signalbox_fleet_wait_seconds',
    help: 'Time from a commit of this replica until all others served it, or until they were given up; none with ack own.',
    buckets: BUCKETS,
    registers,
  });
  const reconnects = new Counter({
    name: 'signalbox_store_reconnects_total',
    help: 'Connections to the database that were lost and made anew.',
    registers,
  });
  const resets = new Counter({
    name: 'signalbox_store_resets_total',
    help: 'Times that the whole table was taken anew: its history was another one, as after a failover that lost changes, or was forgotten.',
    registers,
  });
  return {
    onCommit: (seconds) => commits.observe(seconds),
    onWait: (seconds) => waits.observe(seconds),
    onReconnect: () => reconnects.inc(),
    onReset: () => resets.inc(),
  };

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}

/** Of those that changes wait for, behind the newest that any replica served when all were looked at. */
function lagsOfOthers(replicas: readonly Replica[]): number[] {
  const newest = Math.max(...replicas.map(({ served }) => served));
  return replicas.filter(({ awaited, self }) => awaited && !self).map(({ served }) => newest - served);
}
