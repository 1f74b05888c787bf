import { ok, warn } from '../check.ts';
import { inDatabase, STATEMENT_MS } from '../in-database.ts';
import type { Scene } from '../scene.ts';

const APART_MS = 3_000;

/** Do Signalbox and the database agree on the time? */
export function databaseClock(scene: Scene) {
  return inDatabase(scene, async ({ session }) => {
    const before = Date.now();
    const text = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms';
    const [{ ms } = { ms: before }] = await session.query<{ ms: number }>(text, [], STATEMENT_MS);
    const apart = Math.max(before - ms, ms - Date.now());
    if (apart <= APART_MS) return ok('the database has the same time as we');
    return warn(
      `the clock of the database is ${Math.round(apart / 1000)} s apart from ours`,
      'Keep both machines on time (chrony, systemd-timesyncd). A time of last_activity that the database takes for the future becomes its own time.',
    );
  });
}
