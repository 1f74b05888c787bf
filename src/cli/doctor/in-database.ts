import { type Finding, skipped } from './check.ts';
import type { OpenDatabase } from './database.ts';
import type { Scene } from './scene.ts';

export const WITH_SQLITE = 'the table is in SQLite';

/** Time for a statement, ms. */
export const STATEMENT_MS = 3_000;

/** Looks at something in the database, where that can be used. */
export function inDatabase({ database }: Scene, look: (database: OpenDatabase) => Finding | Promise<Finding>) {
  if (database === undefined) return skipped(WITH_SQLITE);
  if ('failure' in database) return skipped("the database can't be used");
  return look(database);
}
