import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SignalboxError } from '../errors.ts';
import { isBusy } from './sqlite-errors.ts';

/** The right to use a state folder. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a state folder, or throws `STATE_LOCKED`. The kernel holds it for the process (Node has no flock, so
 * an SQLite database is the handle on one): it is gone the moment the process is, kill -9 included, and child processes
 * don't inherit it. `lock.pid` is only there for the message. Nothing may open and close the file `lock` by other means
 * in this process: POSIX drops the locks of a file with any of its descriptors. https://sqlite.org/howtocorrupt.html §2.2
 */
export function acquireLock(dir: string): Lock {
  const path = join(dir, 'lock');
  const pidPath = join(dir, 'lock.pid');
  const db = openLockFile(dir, path);
  try {
    // Nothing is ever written into this database, so it needs no journal on disk, which may be full.
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    chmodSync(path, 0o600);
    notePid(pidPath);
  } catch (error) {
    db.close();
    throw isBusy(error) ? lockedError(dir, pidPath) : unusableError(path, error);
  }
  return {
    release() {
      if (!db.isOpen) return;
      try {
        rmSync(pidPath, { force: true });
      } finally {
        db.close();
      }
    },
  };
}

/** If this fails, as on a full disk, a message is less helpful. */
function notePid(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    rmSync(path, { force: true });
  }
}

function openLockFile(dir: string, path: string): DatabaseSync {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusableError(path, error);
  }
}

function lockedError(dir: string, pidPath: string): SignalboxError {
  return new SignalboxError('STATE_LOCKED', `another Signalbox${holder(pidPath)} uses the state folder ${dir}`, {
    hint: 'Stop that one first, or give this one a state folder of its own.',
  });
}

function holder(pidPath: string): string {
  try {
    return ` (pid ${Number.parseInt(readFileSync(pidPath, 'utf8'), 10)})`;
  } catch {
    return '';
  }
}

function unusableError(path: string, cause: unknown): SignalboxError {
  return new SignalboxError('STATE_UNUSABLE', `the lock file ${path} can't be used`, {
    hint: 'Check that its folder can be written by this user; the file itself can be deleted while no Signalbox runs.',
    cause,
  });
}
