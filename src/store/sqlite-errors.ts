import { SignalboxError } from '../errors.ts';
import { hasRoom } from '../system/disk-room.ts';

// Result codes: https://sqlite.org/rescode.html. The low byte is the primary code.
const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** A file's content is broken: the only failure that the copy of the table can mend. */
export class CorruptDatabase extends Error {
  override readonly name = 'CorruptDatabase';
}

/** Is someone else holding a lock on the database? */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

/** Does the error say that the file itself is broken, in contrast to a disk or a permission that fails? */
export function isCorruption(error: unknown): boolean {
  const code = primaryCode(error);
  return error instanceof CorruptDatabase || code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** The SignalboxError for a failed write: `STORE_FULL` when there is no room, else `STORE_FAILED`. */
export function writeError(error: unknown, dir: string): SignalboxError {
  if (isFull(error, dir)) {
    return new SignalboxError('STORE_FULL', `no room left to store the change in ${dir}`, {
      hint: 'Make room on that file system; nothing was changed, and the next try needs no restart.',
      cause: error,
    });
  }
  if (isBusy(error)) {
    return new SignalboxError('STORE_FAILED', `the database in ${dir} is locked by another program`, {
      hint: 'Nothing was changed. `fuser` names that program, such as a backup or an open sqlite3.',
      cause: error,
    });
  }
  return new SignalboxError('STORE_FAILED', `the change could not be stored in ${dir}`, {
    hint: 'Nothing was changed. The log has the cause.',
    cause: error,
  });
}

/** Does the error say that there is no room left? `dir`: where the database is. */
export function isFull(error: unknown, dir: string): boolean {
  const code = primaryCode(error);
  if (code === SQLITE_FULL || (error as NodeJS.ErrnoException)?.code === 'ENOSPC') return true;
  // SQLite reports ENOSPC in the write-ahead log's index, and any EDQUOT, as a plain I/O error.
  return code === SQLITE_IOERR && !hasRoom(dir);
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
