import { SignalboxError } from '../../../errors.ts';
import type { Session } from '../../../store/postgres/session.ts';
import { type Finding, fail, ok } from '../check.ts';
import { inDatabase, STATEMENT_MS } from '../in-database.ts';
import type { Scene } from '../scene.ts';

interface Rights {
  readonly role: string;
  /** Null: there is no such schema. */
  readonly usage: boolean | null;
  readonly create: boolean | null;
  readonly createSchema: boolean;
}

const RIGHTS = `SELECT current_user AS role, has_schema_privilege(n.oid, 'USAGE') AS usage, has_schema_privilege(n.oid, 'CREATE') AS create,
    has_database_privilege(current_database(), 'CREATE') AS "createSchema"
  FROM (SELECT) one LEFT JOIN pg_namespace n ON n.nspname = $1`;

const TABLES = `SELECT c.relname AS name, coalesce(array_agg(r ORDER BY n) FILTER (WHERE NOT has_table_privilege(c.oid, r)), '{}') AS lacks
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS u(r, n)
  WHERE s.nspname = $1 AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname`;

/** Are the tables there, and may they be used? */
export function databaseSchema(scene: Scene) {
  return inDatabase(scene, async ({ session }) => {
    const { databaseSchema: schema, databaseMigrate } = scene.config;
    const { role, usage, create, createSchema } = await rightsOf(session, schema);
    const tables = await session.query<{ name: string; lacks: string[] }>(TABLES, [schema], STATEMENT_MS);
    const grant = `As the owner: GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};`;
    if (tables.length === 0 && databaseMigrate) return beforeFirstStart(schema, role, create ?? createSchema);
    if (usage === false) return fail(`the role ${role} may not use the schema ${schema}`, grant);
    const lacks = tables.filter((table) => table.lacks.length > 0);
    if (lacks.length > 0) {
      const list = lacks.map((table) => `${table.lacks.join(', ')} on ${table.name}`).join('; ');
      return fail(`the role ${role} may not use all tables of the schema ${schema}, it lacks ${list}`, grant);
    }
    return (
      (await unfit(session, schema)) ?? ok(`the schema ${schema} fits this release, and ${role} may use its tables`)
    );
  });
}

async function rightsOf(session: Session, schema: string): Promise<Rights> {
  const [rights] = await session.query<Rights>(RIGHTS, [schema], STATEMENT_MS);
  return rights as Rights;
}

function beforeFirstStart(schema: string, role: string, mayMake: boolean): Finding {
  if (mayMake) return ok(`the schema ${schema} has no tables yet; serve makes them`);
  return fail(
    `the schema ${schema} has no tables, and the role ${role} may not make them`,
    `Have its owner run what signalbox schema prints, or GRANT CREATE ON DATABASE … TO ${role}.`,
  );
}

/** Is this release too old for it, or too new? */
async function unfit(session: Session, schema: string): Promise<Finding | undefined> {
  const { requireSchema } = await import('../../../store/postgres/migrations.ts');
  try {
    await requireSchema(session.query, schema);
    return undefined;
  } catch (error) {
    if (!(error instanceof SignalboxError && error.code === 'STATE_UNUSABLE')) throw error;
    return fail(error.message, error.hint ?? 'Start a release that knows it.');
  }
}
