import { again } from './failures.ts';
import type { Query } from './session.ts';
import { acksChannel, changesChannel, type Head } from './statements.ts';

/** Who a replica is, for the others. */
export interface Replica {
  readonly id: string;
  /** Stays the same when it starts again. */
  readonly name: string;
  readonly version: string;
  /** The schema version that it writes. */
  readonly schemaVersion: number;
  /** The URL of its API, where it has one that others can reach. */
  readonly api: string | undefined;
}

export type ReplicaState = 'joining' | 'serving';

export interface Peer extends Replica {
  readonly state: ReplicaState;
  /** The newest generation that its proxy has served. */
  readonly served: number;
  /** Time until its lease ends, ms; below zero: since it did. */
  readonly leaseMs: number;
}

/** How long a replica counts. */
export interface Leases {
  /** After each sign of life, ms. */
  readonly leaseMs: number;
  /** Its proxy may be asked for so long after its lease has ended, ms. */
  readonly leaveMs: number;
}

/** What a replica hears with each sign of life. */
export interface Heartbeat extends Head {
  readonly state: ReplicaState;
  /** Was it waited for until now? If not, changes were answered that it may not serve. */
  readonly counted: boolean;
  /** Does this session hear notifications? Behind a pooler it may belong to somebody else by now. */
  readonly listening: boolean;
}

const MS = 1_500;
const DATA_MS = 10_000;
/** Signs of life are not flushed: a crash of the database takes those of the last three `wal_writer_delay`, 0.6 s unless somebody has changed it. */
const CRASH_MS = 1_000;
/** When nobody gave a sign of life for so long, it was the database that was away. */
const SILENCE_MS = 2_000;

const later = (ms: string) => `clock_timestamp() + ${ms}::float8 * interval '1 ms'`;

/** Makes the row of a replica that is about to load the table; nobody waits for it yet. An earlier one of its name has gone. */
export async function join(query: Query, schema: string, replica: Replica, { leaseMs }: Leases): Promise<void> {
  const { id, name, version, schemaVersion, api } = replica;
  const text = `WITH earlier AS (DELETE FROM "${schema}".replicas WHERE name = $2 AND id <> $1::uuid)
    INSERT INTO "${schema}".replicas (id, name, version, schema, api, state, renewed_at, lease_until)
    VALUES ($1::uuid, $2, $3, $4, $5, 'joining', clock_timestamp(), ${later('$6')})
    ON CONFLICT (id) DO UPDATE SET state = 'joining', served = 0, renewed_at = excluded.renewed_at, lease_until = excluded.lease_until`;
  await again(() => query(text, [id, name, version, schemaVersion, api ?? null, leaseMs], DATA_MS));
}

/** From now on whoever changes the table waits for it. False: it was given up, and has to join anew. */
export async function serving(query: Query, schema: string, id: string): Promise<boolean> {
  const text = `UPDATE "${schema}".replicas SET state = 'serving' WHERE id = $1::uuid RETURNING 1`;
  return (await query(text, [id], DATA_MS)).length > 0;
}

export async function leave(query: Query, schema: string, id: string): Promise<void> {
  await query(`DELETE FROM "${schema}".replicas WHERE id = $1::uuid`, [id], DATA_MS);
}

/**
 * A sign of life, and what is new. Undefined: it was given up, and has to join anew. Whoever is first after the database was away renews the
 * lease of all that had one then (amnesty): else those that come back a moment later would not be waited for. Its own row comes before the
 * others', of which none is waited for, so that two who do this never wait for each other.
 */
export async function heartbeat(
  query: Query,
  schema: string,
  { id, served }: { id: string; served: number },
  leases: Leases,
): Promise<Heartbeat | undefined> {
  const silent = `last.at < clock_timestamp() - interval '${SILENCE_MS} ms'`;
  const text = `WITH last AS (SELECT max(renewed_at) AS at FROM "${schema}".replicas),
    before AS (SELECT lease_until + $4::float8 * interval '1 ms' AS until FROM "${schema}".replicas WHERE id = $1::uuid),
    mine AS (${renewal(schema, '$1', '$2', '$3', quiet())} RETURNING state),
    spared AS (UPDATE "${schema}".replicas SET lease_until = ${later('$3')} WHERE id IN (
      SELECT r.id FROM "${schema}".replicas r, last, mine
      WHERE ${silent} AND r.id <> $1::uuid
        AND r.lease_until + $4::float8 * interval '1 ms' >= last.at
      FOR UPDATE OF r SKIP LOCKED))
    SELECT m.generation, m.stamp, mine.state, before.until >= CASE WHEN ${silent} THEN last.at ELSE clock_timestamp() END AS counted,
      EXISTS (SELECT FROM pg_listening_channels() c WHERE c = $5) AS listening
    FROM mine, before, last, "${schema}".meta m`;
  const [row] = await query<Heartbeat>(
    text,
    [id, served, leases.leaseMs, afterLeaseMs(leases), changesChannel(schema)],
    MS,
  );
  return row;
}

/**
 * A sign of life that tells those who have changed something, after `from` and up to `served`, that it is served here. False: it was given
 * up, and has to join anew.
 */
export async function ack(
  query: Query,
  schema: string,
  { id, from, served }: { id: string; from: number; served: number },
  { leaseMs }: Leases,
): Promise<boolean> {
  const told = `(SELECT count(pg_notify($5 || d.replica, 'a ' || $1::text || ' ' || $2::bigint)) FROM (
      SELECT DISTINCT replica FROM "${schema}".generations
      WHERE generation > $4::bigint AND generation <= $2::bigint AND replica NOT IN ('', $1::text)) d)`;
  const text = `${renewal(schema, '$1', '$2', '$3', `${quiet()}, ${told} AS told`)} RETURNING 1`;
  return (await query(text, [id, served, leaseMs, from, acksChannel(schema, '')], MS)).length > 0;
}

/** All replicas, those to wait for among them (`isAwaited`). */
export async function peers(query: Query, schema: string): Promise<Peer[]> {
  const text = `SELECT id, name, version, schema, api, state, served,
      (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::float8 AS lease FROM "${schema}".replicas ORDER BY name, id`;
  const rows = await query<PeerRow>(text, [], MS);
  return rows.map(({ schema: schemaVersion, api, lease, ...row }) => ({
    ...row,
    schemaVersion,
    api: api ?? undefined,
    leaseMs: lease,
  }));
}

/** Is a change only served everywhere when this one has served it? */
export function isAwaited({ state, leaseMs }: Peer, leases: Leases): boolean {
  return state === 'serving' && leaseMs + afterLeaseMs(leases) > 0;
}

/**
 * How long a replica is waited for when its lease has ended: until it has found out that it is cut off, a heartbeat later (Membership), and
 * balancers have noticed.
 */
function afterLeaseMs({ leaseMs, leaveMs }: Leases): number {
  return leaseMs / 3 + Math.max(leaveMs, CRASH_MS);
}

interface PeerRow extends Pick<Peer, 'id' | 'name' | 'version' | 'state' | 'served'> {
  readonly schema: number;
  readonly api: string | null;
  readonly lease: number;
}

/** Not flushed: what a crash takes the next sign of life repeats. For this statement alone, as a pooler may give the session to others. */
function quiet(): string {
  return "set_config('synchronous_commit', 'off', true)";
}

function renewal(schema: string, id: string, served: string, lease: string, before: string): string {
  return `UPDATE "${schema}".replicas SET served = ${served}::bigint, renewed_at = clock_timestamp(), lease_until = ${later(lease)}
    FROM (SELECT ${before}) s WHERE id = ${id}::uuid`;
}
