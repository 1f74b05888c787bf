import { SignalboxError } from '../../errors.ts';
import type { Refusal } from '../../routes/refusal.ts';
import type { Entry } from '../../routes/route.ts';
import type { Scope } from '../../routes/scope.ts';
import { entryOfRow } from '../rows.ts';
import { again, sqlState } from './failures.ts';
import { inScope } from './scope.ts';
import type { Query } from './session.ts';

/** The newest state of the table, whoever made it. */
export interface Head {
  readonly generation: number;
  /** Random, one for each generation: another history has others. */
  readonly stamp: string;
}

/** What became of a key; a key that is not named stayed as it was. */
export type Effect = 'added' | 'changed' | 'removed';

export interface Committed {
  readonly generation: number;
  /** The stamp before this one: whoever has it lacks nothing but this. */
  readonly previous: string;
  readonly did: ReadonlyMap<string, Effect>;
}

/** What a key is to be; undefined: it is to go. */
export interface Wanted {
  readonly data: string;
  readonly lastActivity: number;
}

export interface Change {
  readonly stamp: string;
  /** Who makes it, and hears when others have served it. */
  readonly replica: string;
  /** The newest generation that this replica knows of; the new one is above it. */
  readonly own: number;
  readonly put: ReadonlyMap<string, Wanted | undefined>;
}

export interface ChangedRow {
  readonly key: string;
  /** Undefined: it has gone. */
  readonly entry: Entry | undefined;
  /** By it, then by the key, the table is in order. */
  readonly created: number;
}

export interface Since extends Head {
  /** Is all of it there? If not, this is another history or too long ago: everything has to be loaded. */
  readonly continues: boolean;
  /** Was a part of the table replaced, so that nobody may see half of these? */
  readonly whole: boolean;
  readonly rows: readonly ChangedRow[];
}

/** Time until a statement counts as lost, ms. */
const DATA_MS = 10_000;
const WHOLE_MS = 60_000;
/** What became of a commit that is lost has to be found out, too, before the Hub gives up. */
const COMMIT_MS = 5_000;
/** Such a commit may take longer. */
const MANY = 10_000;

/** An entry of an index holds 2,704 bytes. */
const LONGEST_KEY = 2_000;

const UNIQUE_VIOLATION = '23505';

/** Why a key can't be stored. All else that PostgreSQL can't hold as text (NUL, lone surrogates) is refused for every store (routes/key.ts). */
export function refusalOfKey(key: string): Refusal | undefined {
  const bytes = Buffer.byteLength(key);
  if (bytes <= LONGEST_KEY) return undefined;
  const message = `it has ${bytes} bytes, and the database takes ${LONGEST_KEY}`;
  return { of: 'routespec', message, hint: 'Take a shorter path.' };
}

/** The channel on which replicas hear of changes: `c REPLICA GENERATION`. Only a hint: it may get lost. */
export function changesChannel(schema: string): string {
  return schema;
}

/** The channel on which a replica hears who has served what it changed: `a REPLICA GENERATION`. */
export function acksChannel(schema: string, replica: string): string {
  return `${schema}:${replica}`;
}

const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/**
 * The next generation. Who changes the table waits here for those before: so generations are committed in their order, and who sees one sees
 * all below it. They are times: after a failover that lost some, new ones are above those.
 */
function nextHead(schema: string, stamp: string, own: string): string {
  return `UPDATE "${schema}".meta SET generation = greatest(generation + 1, ${own}::bigint + 1, ${NOW_MS}),
    previous = stamp, stamp = ${stamp}::uuid RETURNING generation, previous`;
}

/** For PostgreSQL, which expects a thousand rows of a table that it has not looked at, and compiles what then seems to be much work. */
function oneHead(schema: string): string {
  return `(SELECT generation, stamp FROM "${schema}".meta LIMIT 1)`;
}

/**
 * Stores rows out of arrays of keys and data (NULL: it goes) with the generation of `source`. A removal is an upsert as well: ON CONFLICT
 * sees rows that are newer than the statement's snapshot, as others made while this one waited; a DELETE would not.
 */
function upsert(schema: string, source: string, keys: string, data: string): string {
  return `INSERT INTO "${schema}".routes AS r (key, data, generation, created, gone)
    SELECT t.key, coalesce(t.data, ''), g.generation, g.generation, t.data IS NULL
    FROM (SELECT generation FROM ${source} LIMIT 1) g CROSS JOIN unnest(${keys}::text[], ${data}::text[]) t(key, data)
    ON CONFLICT (key) DO UPDATE SET data = excluded.data, generation = excluded.generation, gone = excluded.gone,
      created = CASE WHEN r.gone THEN excluded.created ELSE r.created END
    WHERE r.data IS DISTINCT FROM excluded.data OR r.gone IS DISTINCT FROM excluded.gone
    RETURNING r.key, r.gone, r.xmax = 0 AS inserted, r.created = r.generation AS fresh`;
}

/** No time is in the future as the database has it, and none goes back. */
function noteActivity(schema: string, keys: string, times: string): string {
  return `INSERT INTO "${schema}".activity AS x (key, ms)
    SELECT t.key, least(t.ms, ${NOW_MS}) FROM unnest(${keys}::text[], ${times}::bigint[]) t(key, ms) WHERE t.ms IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET ms = greatest(x.ms, excluded.ms)`;
}

/** Stores a group of changes, durably and in one statement: nobody can hold the lock of the others while it is paused. */
export function commit(query: Query, schema: string, change: Change): Promise<Committed> {
  const { keys, data, times } = columnsOf(change.put);
  const text = `WITH g AS (${nextHead(schema, '$1', '$5')}),
    h AS (INSERT INTO "${schema}".generations (generation, stamp, replica) SELECT generation, $1::uuid, $2::text FROM g),
    w AS (${upsert(schema, 'g', '$3', '$4')}),
    a AS (${noteActivity(schema, '$3', '$6')})
    SELECT generation, previous, (SELECT json_agg(w) FROM w) AS did,
      pg_notify($7::text, 'c ' || $2::text || ' ' || generation) FROM g`;
  const values = [change.stamp, change.replica, keys, data, change.own, times, changesChannel(schema)];
  const deadlineMs = keys.length > MANY ? WHOLE_MS : COMMIT_MS;
  return again(async () => committedOf((await query<CommitRow>(text, values, deadlineMs))[0]));
}

/**
 * The same for a part of the table that is replaced: what is not in `put` goes. Two statements, as what goes has to be seen after the lock
 * is had; the only change that somebody else may have to wait for while this replica is paused (2 s: Session.transaction).
 */
export function replace(
  connection: { transaction: (work: (query: Query) => Promise<Committed>) => Promise<Committed> },
  schema: string,
  scope: Scope,
  { stamp, replica, own, put }: Change,
): Promise<Committed> {
  const { keys, data, times } = columnsOf(put);
  const head = `WITH g AS (${nextHead(schema, '$1', '$3')})
    INSERT INTO "${schema}".generations (generation, stamp, replica, whole) SELECT generation, $1::uuid, $2::text, true FROM g
    RETURNING generation, (SELECT previous FROM g) AS previous`;
  const { condition, values } = inScope(scope, 'r.key', 7);
  const rows = `WITH g AS (SELECT $1::bigint AS generation),
    o AS (UPDATE "${schema}".routes r SET gone = true, data = '', generation = $1::bigint
      WHERE NOT r.gone AND ${condition} AND NOT EXISTS (SELECT FROM unnest($3::text[]) t(key) WHERE t.key = r.key)
      RETURNING r.key, true AS gone, false AS inserted, false AS fresh),
    w AS (${upsert(schema, 'g', '$3', '$4')}),
    a AS (${noteActivity(schema, '$3', '$5')})
    SELECT (SELECT json_agg(d) FROM (SELECT * FROM o UNION ALL SELECT * FROM w) d) AS did,
      pg_notify($6::text, 'c ' || $2::text || ' ' || $1::bigint)`;
  return again(() =>
    connection.transaction(async (query) => {
      const [first] = await query<Omit<CommitRow, 'did'>>(head, [stamp, replica, own], DATA_MS);
      const parameters = [first?.generation, replica, keys, data, times, changesChannel(schema), ...values];
      const [second] = await query<Pick<CommitRow, 'did'>>(rows, parameters, WHOLE_MS);
      return committedOf(first && second && { ...first, ...second });
    }),
  );
}

/**
 * The generation of a change whose answer got lost, undefined when it was not stored. Then it never will be: it may still be on its way, in
 * a cable that is mended or a server that was paused, so its stamp, which can be used but once, is used up.
 */
export function settle(
  query: Query,
  schema: string,
  { stamp, own }: Pick<Change, 'stamp' | 'own'>,
): Promise<number | undefined> {
  const use = `WITH g AS (${nextHead(schema, '$1', '$2')})
    INSERT INTO "${schema}".generations (generation, stamp, replica) SELECT generation, $1::uuid, '' FROM g`;
  return again(async () => {
    const found = await stored(query, schema, stamp);
    if (found !== undefined) return found.generation;
    try {
      await query(use, [stamp, own], DATA_MS);
      return undefined;
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      // It came first after all.
      return (await stored(query, schema, stamp))?.generation;
    }
  });
}

/** What is known of a stamp; the generation is undefined where it was used up. */
async function stored(
  query: Query,
  schema: string,
  stamp: string,
): Promise<{ generation: number | undefined } | undefined> {
  const text = `SELECT generation, replica FROM "${schema}".generations WHERE stamp = $1::uuid`;
  const [row] = await query<{ generation: number; replica: string }>(text, [stamp], DATA_MS);
  return row && { generation: row.replica === '' ? undefined : row.generation };
}

export async function head(query: Query, schema: string, deadlineMs = DATA_MS): Promise<Head> {
  return headOf((await query<Head>(`SELECT generation, stamp FROM "${schema}".meta`, [], deadlineMs))[0]);
}

/** Everything, in its order, as it was at one moment. */
export async function load(query: Query, schema: string): Promise<Head & { readonly rows: readonly ChangedRow[] }> {
  const text = `SELECT m.generation, m.stamp, r.key, r.data, false AS gone, r.created, coalesce(a.ms, r.created) AS ms
    FROM ${oneHead(schema)} m LEFT JOIN "${schema}".routes r ON NOT r.gone LEFT JOIN "${schema}".activity a ON a.key = r.key
    ORDER BY r.created, r.key`;
  const rows = await query<Head & TableRow>(text, [], WHOLE_MS);
  return { ...headOf(rows[0]), rows: changesOf(rows) };
}

/**
 * What has changed since a generation that this replica has, new routes in their order. One statement sees one moment. It is the one that
 * is run most, and has to be quick in a table of which PostgreSQL has no statistics yet: so it is told that there is one row of `meta`
 * (LIMIT), that few rows are new (by the upper bound), and that times are looked up one by one.
 */
export async function since(query: Query, schema: string, { generation, stamp }: Head): Promise<Since> {
  const text = `SELECT m.generation, m.stamp, coalesce(x.stamp = $2::uuid, false) AS continues,
      EXISTS (SELECT FROM "${schema}".generations w WHERE w.generation > $1::bigint AND w.whole) AS whole,
      r.key, r.data, r.gone, r.created,
      coalesce((SELECT a.ms FROM "${schema}".activity a WHERE a.key = r.key), r.created) AS ms
    FROM ${oneHead(schema)} m LEFT JOIN "${schema}".generations x ON x.generation = $1::bigint
      LEFT JOIN "${schema}".routes r ON r.generation > $1::bigint AND r.generation < 9223372036854775807
    ORDER BY r.created, r.key`;
  const rows = await query<Since & TableRow>(text, [generation, stamp], WHOLE_MS);
  const { continues = false, whole = false } = rows[0] ?? {};
  return { ...headOf(rows[0]), continues, whole, rows: changesOf(rows) };
}

interface CommitRow {
  readonly generation: number;
  readonly previous: string;
  readonly did: readonly { key: string; gone: boolean; inserted: boolean; fresh: boolean }[] | null;
}

interface TableRow {
  readonly key: string | null;
  readonly data: string;
  readonly gone: boolean;
  readonly created: number;
  readonly ms: number;
}

function columnsOf(put: Change['put']) {
  const wanted = [...put.values()];
  return {
    keys: [...put.keys()],
    data: wanted.map((one) => one?.data ?? null),
    times: wanted.map((one) => (one === undefined ? null : Math.trunc(one.lastActivity))),
  };
}

function committedOf(row: CommitRow | undefined): Committed {
  const { generation, previous, did } = present(row);
  const effects = (did ?? []).flatMap(({ key, gone, inserted, fresh }): [string, Effect][] => {
    // A key that never was has gone: that is nothing.
    if (gone) return inserted ? [] : [[key, 'removed']];
    return [[key, fresh ? 'added' : 'changed']];
  });
  return { generation, previous, did: new Map(effects) };
}

function headOf(row: Head | undefined): Head {
  const { generation, stamp } = present(row);
  return { generation, stamp };
}

function changesOf(rows: readonly TableRow[]): ChangedRow[] {
  return rows.flatMap(({ key, data, gone, created, ms }) => {
    // A left join has one row of nothing.
    if (key === null) return [];
    return [{ key, created, entry: gone ? undefined : entryOfRow({ key, data, last_activity: ms }) }];
  });
}

/** The one row of `meta` is there from the first migration on. */
function present<T>(row: T | undefined): T {
  if (row !== undefined) return row;
  throw new SignalboxError('STORE_FAILED', 'the table meta of the database is empty', {
    hint: 'Somebody has emptied it. Drop the schema and start again: JupyterHub puts its routes back.',
  });
}
