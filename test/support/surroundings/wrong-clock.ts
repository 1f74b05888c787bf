import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DATABASE_FILE } from '../../../src/store/sqlite.ts';

/** Leaves a state folder as a daemon does whose clock was so much ahead, or a machine that was put back in time since. */
export function putTimesAhead(stateDir: string, ms: number): void {
  const db = new DatabaseSync(join(stateDir, DATABASE_FILE));
  db.prepare('UPDATE routes SET last_activity = ?').run(Date.now() + ms);
  db.close();
}
