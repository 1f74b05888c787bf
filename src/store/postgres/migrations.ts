import { SignalboxError } from '../../errors.ts';
import type { Query } from './session.ts';

/** What brings the schema from one version to the next. */
export interface Migration {
  /** Statements for the schema of that name. */
  readonly statements: (schema: string) => string;
  /** The oldest schema version whose release can still use the result: what such a release needs is only taken away after it. */
  readonly oldest: number;
}

/** Versions of the schema, that of what is there, or of what a release knows. */
interface Versions {
  readonly schema: number;
  readonly oldest: number;
}

/**
 * The first entry makes version 1. Entries are only ever added, and each leaves what the release before it needs: replicas of both run
 * beside each other while they are renewed one by one. All text that is compared is COLLATE "C": a prefix is a range, and no index breaks with
 * a newer libc. `generations`: every number that was given, with a random stamp, for as long as somebody may ask; `whole` replaced a part
 * of the table at once. `gone`: a key that was removed, for those who have not heard of it. `activity` changes often and is a table of
 * its own; it has room in its pages for that, and so have the others that are always written.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    oldest: 1,
    statements: (schema) => `CREATE TABLE "${schema}".meta (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  schema int NOT NULL,
  oldest int NOT NULL,
  generation bigint NOT NULL,
  stamp uuid NOT NULL,
  previous uuid
) WITH (fillfactor = 10);
CREATE TABLE "${schema}".generations (
  generation bigint PRIMARY KEY,
  stamp uuid NOT NULL UNIQUE,
  replica text NOT NULL,
  whole boolean NOT NULL DEFAULT false,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE "${schema}".routes (
  key text COLLATE "C" PRIMARY KEY,
  data text NOT NULL,
  generation bigint NOT NULL,
  created bigint NOT NULL,
  gone boolean NOT NULL DEFAULT false
);
CREATE INDEX ON "${schema}".routes (generation);
CREATE TABLE "${schema}".activity (
  key text COLLATE "C" PRIMARY KEY,
  ms bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE "${schema}".replicas (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  version text NOT NULL,
  schema int NOT NULL,
  api text,
  state text NOT NULL CHECK (state IN ('joining', 'serving')),
  served bigint NOT NULL DEFAULT 0,
  renewed_at timestamptz NOT NULL,
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 20);
WITH first AS (
  INSERT INTO "${schema}".meta (schema, oldest, generation, stamp) VALUES (1, 1, 0, gen_random_uuid())
  RETURNING generation, stamp
)
INSERT INTO "${schema}".generations (generation, stamp, replica) SELECT generation, stamp, '' FROM first;`,
  },
];

/** The schema version that this release writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

const MS = 60_000;
/** With the schema's name it makes the lock of those who migrate. */
const LOCK = 1_399_418_465;

/**
 * Brings the schema up to date, all of it or nothing, one replica at a time. One that is newer is left as it is. Throws STATE_UNUSABLE when
 * this release can't use what is there, or may not change it yet.
 */
export async function migrate(
  connection: { transaction: (work: (query: Query) => Promise<void>) => Promise<void>; query: Query },
  schema: string,
  migrations = MIGRATIONS,
): Promise<void> {
  if (isCurrent(await versionsOf(connection.query, schema), schema, migrations)) return;
  await connection.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, schema], MS);
    // Another one may have done it while this one waited.
    const versions = await versionsOf(query, schema);
    if (isCurrent(versions, schema, migrations)) return;
    await checkNobodyIsLeft(query, schema, versions, migrations);
    const exists = await query('SELECT FROM pg_namespace WHERE nspname = $1', [schema], MS);
    // IF NOT EXISTS would ask for the right to make one.
    if (exists.length === 0) await query(`CREATE SCHEMA "${schema}"`, [], MS);
    await query(stepsFrom(versions.schema, schema, migrations), [], MS);
  });
}

/** The same without changing anything: for a database whose owner migrates it. */
export async function requireSchema(query: Query, schema: string, migrations = MIGRATIONS): Promise<void> {
  const versions = await versionsOf(query, schema);
  if (isCurrent(versions, schema, migrations)) return;
  const found = versions.schema === 0 ? 'has no tables' : `has version ${versions.schema}`;
  throw new SignalboxError(
    'STATE_UNUSABLE',
    `the schema ${schema} of the database ${found}, and this release needs ${migrations.length}`,
    {
      hint: 'Run what `signalbox schema` prints, or let Signalbox do it (database-migrate).',
    },
  );
}

/** What `migrate` would do to a schema of version `from`, for people who do it themselves. */
export function schemaSql(schema: string, from = 0): string {
  const create = from === 0 ? `CREATE SCHEMA IF NOT EXISTS "${schema}";\n` : '';
  const grants = [
    '-- The role that Signalbox connects as needs:',
    `-- GRANT USAGE ON SCHEMA "${schema}" TO ...;`,
    `-- GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO ...;`,
  ];
  return `BEGIN;\n${create}${stepsFrom(from, schema, MIGRATIONS)}\nCOMMIT;\n${grants.join('\n')}\n`;
}

function stepsFrom(from: number, schema: string, migrations: readonly Migration[]): string {
  const oldest = migrations.at(-1)?.oldest;
  const versions = `UPDATE "${schema}".meta SET schema = ${migrations.length}, oldest = ${oldest};`;
  return [...migrations.slice(from).map(({ statements }) => statements(schema)), versions].join('\n');
}

/** Is there nothing to do? Throws when this release is too old for what is there. */
function isCurrent({ schema: version, oldest }: Versions, schema: string, migrations: readonly Migration[]): boolean {
  if (oldest <= migrations.length) return version >= migrations.length;
  const known = `this release knows versions up to ${migrations.length}`;
  throw new SignalboxError(
    'STATE_UNUSABLE',
    `the schema ${schema} of the database takes releases that know version ${oldest}, ${known}`,
    {
      hint: 'Start the newer release, as its other replicas are.',
    },
  );
}

/** What an older release needs goes only when none of its replicas is left. */
async function checkNobodyIsLeft(
  query: Query,
  schema: string,
  versions: Versions,
  migrations: readonly Migration[],
): Promise<void> {
  const oldest = migrations.at(-1)?.oldest ?? 0;
  if (versions.schema === 0 || oldest <= versions.oldest) return;
  const live = `SELECT name FROM "${schema}".replicas WHERE schema < $1 AND lease_until > clock_timestamp() ORDER BY name`;
  const names = (await query<{ name: string }>(live, [oldest], MS)).map(({ name }) => name);
  if (names.length === 0) return;
  throw new SignalboxError(
    'STATE_UNUSABLE',
    `replicas of an older release still use the database: ${names.join(', ')}`,
    {
      hint: 'Finish the rolling update to the release between that one and this one first.',
    },
  );
}

/** 0 where there are no tables. Looked up like any data: to_regclass may not see what was made while this transaction waited. */
async function versionsOf(query: Query, schema: string): Promise<Versions> {
  const there = `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'meta'`;
  if ((await query(there, [schema], MS)).length === 0) return { schema: 0, oldest: 0 };
  const [versions] = await query<Versions>(`SELECT schema, oldest FROM "${schema}".meta`, [], MS);
  return versions ?? { schema: 0, oldest: 0 };
}
