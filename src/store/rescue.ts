import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { describeError } from '../errors.ts';
import { type Entry, makeRoute } from '../routes/route.ts';
import { openDatabase } from './database.ts';
import { salvage } from './salvage.ts';

/** What the proxy still serves: `Driver.recover`. */
export type Recover = () => Promise<readonly { key: string; target: string }[]>;

interface RescueOptions {
  readonly reason: unknown;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly recover: Recover | undefined;
}

/** SQLite's other files beside a database. */
const SIDE_FILES = ['-wal', '-shm'];

/**
 * Replaces a broken database by a fresh one with every route that can be had: rows that can still be read, then what the
 * proxy serves and they lack. The broken files are kept under another name. The fresh database is complete under its own
 * name before the broken one moves, so that a crash at any point leaves one or the other (`finishRescue`).
 */
export async function rescue(path: string, { reason, log, recover }: RescueOptions): Promise<void> {
  const aside = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
  const saved = salvage(path);
  const entries = new Map(saved.entries.map((entry) => [entry.route.key, entry]));
  for (const entry of await recovered(recover, log)) {
    if (!entries.has(entry.route.key)) entries.set(entry.route.key, entry);
  }
  // Commits at the end of the log may be lost: the time in seconds is above any generation that was served.
  const generation = Math.max(saved.generation + 1, Math.floor(Date.now() / 1000));
  writeFresh(path, generation, entries.values());
  for (const suffix of ['', ...SIDE_FILES]) moveIfThere(path + suffix, aside + suffix);
  finishRescue(path);
  log.error(
    {
      reason: describeError(reason),
      keptAs: aside,
      salvaged: saved.entries.length,
      recovered: entries.size - saved.entries.length,
    },
    `${path} is broken (${describeError(reason)}); it is kept as ${aside}. ${saved.entries.length} routes could still be ` +
      `read from it and ${entries.size - saved.entries.length} more were taken from what the proxy serves.`,
  );
}

/** Puts a complete fresh database in its place when a crash came in between. Nothing to do otherwise. */
export function finishRescue(path: string): void {
  const fresh = freshPath(path);
  if (existsSync(path) || !existsSync(fresh)) return;
  // A write-ahead log that the crash left behind was salvaged with the broken database; SQLite would play it into this one.
  for (const suffix of SIDE_FILES) rmSync(path + suffix, { force: true });
  renameSync(fresh, path);
  syncFolder(dirname(path));
}

function freshPath(path: string): string {
  return `${path}.fresh`;
}

async function recovered(recover: Recover | undefined, log: RescueOptions['log']): Promise<Entry[]> {
  try {
    const now = Date.now();
    const served = (await recover?.()) ?? [];
    return served.map(({ key, target }) => ({ route: makeRoute(key, { target }), lastActivity: now }));
  } catch (error) {
    log.warn({ err: error }, 'the routes that the proxy serves could not be read back');
    return [];
  }
}

function writeFresh(path: string, generation: number, entries: Iterable<Entry>): void {
  const fresh = freshPath(path);
  for (const suffix of ['', ...SIDE_FILES]) rmSync(fresh + suffix, { force: true });
  const db = openDatabase(fresh);
  try {
    db.exec('BEGIN IMMEDIATE');
    const insert = db.prepare('INSERT INTO routes (key, target, data, last_activity) VALUES (?, ?, ?, ?)');
    for (const { route, lastActivity } of entries) insert.run(route.key, route.target, route.data, lastActivity);
    db.prepare('UPDATE meta SET generation = ?').run(generation);
    db.exec('COMMIT');
  } finally {
    // Closing moves everything from the write-ahead log into the one file that is renamed.
    db.close();
  }
}

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}

function syncFolder(dir: string): void {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
