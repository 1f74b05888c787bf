import { fail, ok, warn } from '../check.ts';
import { inDatabase, STATEMENT_MS } from '../in-database.ts';
import type { Scene } from '../scene.ts';

const MUCH = 0.05;
const TOO_MUCH = 0.5;

/** Does somebody hold up the queue of notifications? When it is full, no change can be stored. */
export function databaseNotify(scene: Scene) {
  return inDatabase(scene, async ({ session }) => {
    const text = 'SELECT pg_notification_queue_usage() AS part';
    const [{ part } = { part: 0 }] = await session.query<{ part: number }>(text, [], STATEMENT_MS);
    const message = `the queue of notifications of the server is filled to ${Math.round(part * 100)} %`;
    if (part < MUCH) return ok(message);
    const mend =
      "A session that listens, of whatever program, has been in one transaction for long: SELECT * FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' ORDER BY xact_start shows it; pg_terminate_backend(pid) ends it.";
    return part < TOO_MUCH ? warn(message, mend) : fail(`${message}: when it is full, no change can be stored`, mend);
  });
}
