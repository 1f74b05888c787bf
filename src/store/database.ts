import { chmodSync, existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SignalboxError } from '../errors.ts';
import { migrate } from './migrations.ts';
import { entryOfRow, ROW_COLUMNS } from './rows.ts';
import { CorruptDatabase, isCorruption } from './sqlite-errors.ts';
import type { Loaded } from './store.ts';

/** SQLite writes the log back into the database when there are 4 MB of it. */
const LOG_BYTES = 4 << 20;

/**
 * Looks through an existing database without changing it, the write-ahead log included. Throws an error that
 * `isCorruption` knows when its content is broken.
 */
export function inspect(path: string): void {
  // SQLite takes an empty file for a new database, and would delete the write-ahead log beside it.
  if (statSync(path).size === 0) throw new CorruptDatabase('the file is empty');
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const found = db.prepare('PRAGMA quick_check(3)').all();
    const problems = found.map((row) => String(row.quick_check)).join('; ');
    if (problems !== 'ok') throw new CorruptDatabase(problems);
  } finally {
    db.close();
  }
}

/**
 * Opens the database for writing, makes it when there is none, and brings its schema up to date. `alone`: needs no room on disk
 * for the index of the write-ahead log, and shuts other programs out. https://sqlite.org/wal.html#noshm `flush`: a commit is on
 * disk before it counts.
 */
export function openDatabase(path: string, { alone = false, flush = true } = {}): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    if (alone) db.exec('PRAGMA locking_mode = EXCLUSIVE');
    // While it is still empty; SQLite gives the files beside it the mode that this one has.
    chmodSync(path, 0o600);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 2000;');
    // NORMAL: the write-ahead log is not flushed at each commit, which would stop the process meanwhile. SqliteStore does it.
    // https://sqlite.org/pragma.html#pragma_synchronous
    db.exec(`PRAGMA synchronous = ${flush ? (hasLog(db) ? 'NORMAL' : 'FULL') : 'OFF'}`);
    // A log that grew during a long read is truncated afterwards.
    db.exec(`PRAGMA journal_size_limit = ${LOG_BYTES};`);
    migrate(db, path);
    // SQLite would block the process while it waits for a lock. SqliteStore waits instead.
    db.exec('PRAGMA busy_timeout = 0;');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Is there a write-ahead log? Not on file systems that can't share memory. */
export function hasLog(db: DatabaseSync): boolean {
  return db.prepare('PRAGMA journal_mode').get()?.journal_mode === 'wal';
}

/** The whole table. Throws like `inspect` when a row is not what it should be. */
export function readAll(db: DatabaseSync): Loaded {
  try {
    const generation = db.prepare('SELECT generation FROM meta WHERE id = 1').get()?.generation;
    if (typeof generation !== 'number') throw new CorruptDatabase('the generation is missing');
    const rows = db.prepare(`SELECT ${ROW_COLUMNS} FROM routes ORDER BY rowid`).all();
    return { generation, entries: rows.map(entryOfRow) };
  } catch (error) {
    if (isCorruption(error)) throw error;
    throw new CorruptDatabase('the tables cannot be read', { cause: error });
  }
}

/** An error at start that the copy can't mend: no permission, a failing disk, a newer schema. */
export function unusable(error: unknown, path: string): SignalboxError {
  if (error instanceof SignalboxError) return error;
  return new SignalboxError('STATE_UNUSABLE', `${path} can't be opened`, {
    hint: existsSync(path)
      ? 'Check that the file and its folder can be read and written by this user and that the disk is sound.'
      : 'Check that the folder exists and can be written by this user.',
    cause: error,
  });
}
