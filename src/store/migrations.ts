import type { DatabaseSync } from 'node:sqlite';
import { SignalboxError } from '../errors.ts';

/**
 * What brings a database from one schema version to the next: the first entry makes version 1 of an empty file. Entries
 * are only ever added. `routes` keeps its implicit rowid: it is the order of the table.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE routes (
     key TEXT NOT NULL UNIQUE,
     target TEXT NOT NULL,
     data TEXT NOT NULL,
     last_activity INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE meta (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     generation INTEGER NOT NULL
   ) STRICT;
   INSERT INTO meta (id, generation) VALUES (1, 0);`,
  `CREATE TABLE logs (
     path TEXT NOT NULL PRIMARY KEY,
     inode INTEGER NOT NULL,
     offset INTEGER NOT NULL
   ) STRICT;`,
  "ALTER TABLE logs ADD COLUMN head TEXT NOT NULL DEFAULT '';",
];

/** The schema version that this release reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the schema up to date, each step in its own transaction. A database newer than this release is not touched. */
export function migrate(db: DatabaseSync, path: string): void {
  const version = schemaVersion(db);
  if (version > SCHEMA_VERSION) {
    throw new SignalboxError(
      'STATE_UNUSABLE',
      `${path} has schema version ${version}, this release knows versions up to ${SCHEMA_VERSION}`,
      { hint: 'Start the newer release that wrote it, or move the file away to begin with an empty table.' },
    );
  }
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${statements} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

/** `PRAGMA user_version`: 0 in a new file. */
export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}
