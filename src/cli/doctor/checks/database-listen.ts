import type { Session } from '../../../store/postgres/session.ts';
import { ok, warn } from '../check.ts';
import { inDatabase, STATEMENT_MS } from '../in-database.ts';
import type { Scene } from '../scene.ts';

const ROUNDS = 3;

/** Does a session stay what it is, so that it can listen? Through a pooler each transaction may be another one's session. */
export function databaseListen(scene: Scene) {
  return inDatabase(scene, async ({ openControl }) => {
    const { api, config } = scene;
    const fleet = 'failure' in api ? null : api.report.fleet;
    // What the daemon says counts for what it has met; what is tried here for a daemon that is yet to start.
    const isDeaf = fleet !== null && fleet.problem === null && !fleet.listening;
    if (!isDeaf && !(await isShared(await openControl(), await openControl()))) {
      return ok('the database tells of changes at once');
    }
    const mend =
      config.databaseListen === undefined
        ? 'Give the URL of the same database without the pooler as database-listen. Without it changes of other replicas are looked for ten times a second.'
        : 'database-listen leads through a pooler, too: give it the URL of the server itself, or have that pooler keep sessions (pool_mode = session).';
    return warn('there is a pooler such as PgBouncer before the database: it does not tell of changes', mend);
  });
}

/** Does the one's session become another while the other is busy, or is it the same for both? */
async function isShared(one: Session, other: Session): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    const before = await backendOf(one.query);
    const isShared = await other.transaction(async (query) => {
      const others = await backendOf(query);
      // A pooler with a single connection lets it wait.
      const now = await backendOf(one.query).catch(() => undefined);
      return others === before || now !== before;
    });
    if (isShared) return true;
  }
  return false;
}

async function backendOf(query: Session['query']): Promise<number | undefined> {
  return (await query<{ pid: number }>('SELECT pg_backend_pid() AS pid', [], STATEMENT_MS))[0]?.pid;
}
