import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeError } from '../errors.ts';
import type { Entry } from '../routes/route.ts';
import { syncFolder } from '../system/files.ts';
import type { Log } from '../system/log.ts';
import { openDatabase } from './database.ts';
import { COPY_FILE, readTableCopy } from './table-copy.ts';

/** SQLite's other files beside a database. */
export const SIDE_FILES = ['-wal', '-shm'];

/**
 * Replaces a broken database by a fresh one with the routes of the copy (table-copy.ts). The broken files are kept under another
 * name. The fresh database is complete under its own name before the broken one moves, so that a crash at any point leaves one or
 * the other (`finishRescue`).
 */
export function rescue(path: string, reason: unknown, log: Pick<Log, 'error'>): void {
  const aside = `.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
  const keptAs = path + aside;
  const { entries, words } = readCopy(dirname(path), aside);
  writeFresh(path, entries);
  for (const suffix of ['', ...SIDE_FILES]) moveIfThere(path + suffix, keptAs + suffix);
  finishRescue(path);
  const why = describeError(reason);
  log.error(
    { event: 'failure', reason: why, keptAs, routes: entries.length },
    `${path} is broken (${why}); it is kept as ${keptAs}. ${words}`,
  );
}

/** Puts a complete fresh database in its place when a crash came in between. Nothing to do otherwise. */
export function finishRescue(path: string): void {
  const fresh = freshPath(path);
  if (existsSync(path) || !existsSync(fresh)) return;
  // A write-ahead log that the crash left behind belongs to the broken database; SQLite would play it into this one.
  for (const suffix of SIDE_FILES) rmSync(path + suffix, { force: true });
  renameSync(fresh, path);
  syncFolder(dirname(path));
}

function freshPath(path: string): string {
  return `${path}.fresh`;
}

/** The routes to begin with, and what the log says of them. */
function readCopy(dir: string, aside: string): { entries: readonly Entry[]; words: string } {
  const path = join(dir, COPY_FILE);
  try {
    const copy = readTableCopy(dir);
    if (!copy) return { entries: [], words: `There is no copy of it (${path}): the table is empty.` };
    const age = Math.round((Date.now() - copy.time.getTime()) / 1000);
    const words =
      `The table is that of ${path}, ${copy.entries.length} routes as they were at ${copy.time.toISOString()}, ${age} s ago. ` +
      'Changes since then are lost until they are made again, as JupyterHub does of its own accord.';
    return { entries: copy.entries, words };
  } catch (error) {
    moveIfThere(path, path + aside);
    const words = `Its copy ${path} can't be read either (${describeError(error)}) and is kept as well: the table is empty.`;
    return { entries: [], words };
  }
}

function writeFresh(path: string, entries: Iterable<Entry>): void {
  const fresh = freshPath(path);
  for (const suffix of ['', ...SIDE_FILES]) rmSync(fresh + suffix, { force: true });
  const db = openDatabase(fresh);
  try {
    db.exec('BEGIN IMMEDIATE');
    const insert = db.prepare('INSERT INTO routes (key, target, data, last_activity) VALUES (?, ?, ?, ?)');
    for (const { route, lastActivity } of entries) insert.run(route.key, route.target, route.data, lastActivity);
    // In milliseconds it is above any generation that was served: none lasts less than one.
    db.prepare('UPDATE meta SET generation = ?').run(Date.now());
    db.exec('COMMIT');
  } finally {
    // Closing moves everything from the write-ahead log into the one file that is renamed.
    db.close();
  }
}

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}
