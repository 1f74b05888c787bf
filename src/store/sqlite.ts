import { existsSync, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Batch } from '../routes/plan.ts';
import { Breather } from '../system/breather.ts';
import type { Log } from '../system/log.ts';
import { checkpointAside } from './checkpoint.ts';
import { hasLog, inspect, openDatabase, readAll, unusable } from './database.ts';
import { finishRescue, rescue } from './rescue.ts';
import { isBusy, isCorruption, isFull, writeError } from './sqlite-errors.ts';
import type { Cursors, Disk, Loaded } from './store.ts';

export interface SqliteOptions {
  /** The state folder; made with mode 0700 when it is missing. Whoever opens the table there holds its lock (lock.ts). */
  readonly dir: string;
  readonly log: Pick<Log, 'warn' | 'error'>;
}

/** How long a write waits for another program that holds the lock, and between two tries. */
const LOCK_PATIENCE_MS = 5_000;
const LOCK_POLL_MS = 20;

/** So many rows are a large transaction. */
const MANY = 5_000;
/** SQLite's own: as long as that the write-ahead log may be before a commit moves it into the database. */
const LOG_PAGES = 1_000;

/** The name of the database in the state folder. */
export const DATABASE_FILE = 'signalbox.db';

/**
 * Opens the table in `dir`. A database that turns out to be broken is set aside and replaced by its copy; one that merely
 * can't be used (permissions, a newer schema) is left as it is: `STATE_UNUSABLE`.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteDisk> {
  const path = join(options.dir, DATABASE_FILE);
  try {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    finishRescue(path);
    return openOrRescue(path, options);
  } catch (error) {
    throw unusable(error, path);
  }
}

function openOrRescue(path: string, { dir, log }: SqliteOptions): SqliteDisk {
  try {
    return openSound(path, dir, log);
  } catch (error) {
    if (!isCorruption(error)) throw error;
    rescue(path, error, log);
    return openSound(path, dir, log);
  }
}

/** Nothing waits for the disk: a power cut may break this database, a kill of the process loses nothing. */
export function openUnflushed(path: string): SqliteDisk {
  if (existsSync(path)) inspect(path);
  return diskOf(openDatabase(path, { flush: false }), path, false);
}

function openSound(path: string, dir: string, log: SqliteOptions['log']): SqliteDisk {
  return diskOf(openEvenIfFull(path, dir, log), path, true);
}

function diskOf(db: DatabaseSync, path: string, flush: boolean): SqliteDisk {
  try {
    return new SqliteDisk(db, path, flush && hasLog(db), readAll(db));
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A full disk can still be read: routes are served, and changes are refused until there is room. */
function openEvenIfFull(path: string, dir: string, log: SqliteOptions['log']): DatabaseSync {
  try {
    if (existsSync(path)) inspect(path);
    return openDatabase(path);
  } catch (error) {
    if (!existsSync(path) || !isFull(error, dir)) throw error;
    log.warn({}, `no room is left in ${dir}: other programs cannot read the database until Signalbox starts again`);
    return openDatabase(path, { alone: true });
  }
}

/** The table of a single daemon in SQLite, and how far it has read its logs. */
export class SqliteDisk implements Disk {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #dir: string;
  readonly #flush: boolean;
  /** The write-ahead log, opened to be flushed. SQLite removes it no sooner than it is closed. */
  #log: FileHandle | undefined;
  readonly #statements: ReturnType<typeof prepare>;
  /** What the check at start has read, until the table changes or `load` takes it. */
  #loaded: Loaded | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(db: DatabaseSync, path: string, flush: boolean, loaded: Loaded) {
    this.#db = db;
    this.#path = path;
    this.#dir = dirname(path);
    this.#flush = flush;
    this.#statements = prepare(db);
    this.#loaded = loaded;
  }

  async load(): Promise<Loaded> {
    await this.#writing;
    const loaded = this.#loaded ?? readAll(this.#db);
    this.#loaded = undefined;
    return loaded;
  }

  async write({ generation: number, added, changed, removed, touched }: Batch): Promise<void> {
    const { remove, set, touch, generation } = this.#statements;
    const now = Date.now();
    await this.#transaction(function* () {
      for (const key of removed) yield remove.run(key);
      for (const { route, lastActivity } of [...added, ...changed]) {
        yield set.run(route.key, route.target, route.data, Math.trunc(lastActivity));
      }
      for (const [key, ms] of touched) yield touch.run({ key, now, ms: Math.trunc(ms) });
      generation.run(number);
    });
  }

  async touch(times: Iterable<readonly [key: string, ms: number]>): Promise<void> {
    const { touch } = this.#statements;
    const now = Date.now();
    await this.#transaction(function* () {
      for (const [key, ms] of times) yield touch.run({ key, now, ms: Math.trunc(ms) });
    });
  }

  /** In the same file, so that whoever keeps a copy of it has both. */
  readonly cursors: Cursors = {
    read: async () => {
      const rows = this.#db.prepare('SELECT path, inode, offset, head FROM logs').all();
      return new Map(
        rows.map(({ path, inode, offset, head }) => [
          String(path),
          { inode: Number(inode), offset: Number(offset), head: String(head) },
        ]),
      );
    },
    save: (cursors) => {
      const { cursor } = this.#statements;
      return this.#transaction(function* () {
        for (const [path, { inode, offset, head }] of cursors) yield cursor.run(path, inode, offset, head);
      });
    },
  };

  /** Finishes what is being written first. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#log?.close();
    this.#log = undefined;
    if (this.#db.isOpen) this.#db.close();
  }

  /** Runs transactions one after the other, as a connection has only one at a time. `steps` may be run again. */
  #transaction(steps: () => Iterable<unknown>): Promise<void> {
    const done = this.#writing.then(() => this.#write(steps));
    // Nobody waits for that but the next transaction.
    this.#writing = done.then((isLarge) => (isLarge ? checkpointAside(this.#path) : undefined)).catch(() => {});
    return done.then(() => {});
  }

  /** Waits for another program that holds the lock (a backup, an open shell), without blocking anything else. True for many rows. */
  async #write(steps: () => Iterable<unknown>): Promise<boolean> {
    this.#loaded = undefined;
    const deadline = Date.now() + LOCK_PATIENCE_MS;
    const breather = new Breather();
    for (;;) {
      try {
        let count = 0;
        this.#db.exec('BEGIN IMMEDIATE');
        for (const _ of steps()) {
          count++;
          if (breather.isDue) await breather.rest();
        }
        await this.#commit(count > MANY);
        return count > MANY;
      } catch (error) {
        this.#rollBack();
        if (!isBusy(error) || Date.now() >= deadline) throw writeError(error, this.#dir);
      }
      await delay(LOCK_POLL_MS);
    }
  }

  /**
   * What takes long is for other threads: the flush, and of many rows the way from the log into the database. A flush that fails refuses the
   * change, which is in the database all the same, and may show after a restart.
   */
  async #commit(isLarge: boolean): Promise<void> {
    if (isLarge) this.#db.exec('PRAGMA wal_autocheckpoint = 0');
    try {
      this.#db.exec('COMMIT');
    } finally {
      if (isLarge) this.#db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    }
    if (this.#flush) {
      this.#log ??= await open(`${this.#path}-wal`);
      await this.#log.datasync();
    }
  }

  #rollBack(): void {
    try {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // The error that led here is the one to report; if this one persists, the next BEGIN shows it.
    }
  }
}

function prepare(db: DatabaseSync) {
  return {
    remove: db.prepare('DELETE FROM routes WHERE key = ?'),
    set: db.prepare(
      `INSERT INTO routes (key, target, data, last_activity) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET target = excluded.target, data = excluded.data, last_activity = excluded.last_activity`,
    ),
    generation: db.prepare('UPDATE meta SET generation = ? WHERE id = 1'),
    cursor: db.prepare(
      `INSERT INTO logs (path, inode, offset, head) VALUES (?, ?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET inode = excluded.inode, offset = excluded.offset, head = excluded.head`,
    ),
    touch: db.prepare(
      'UPDATE routes SET last_activity = $ms WHERE key = $key AND (last_activity < $ms OR last_activity > $now)',
    ),
  };
}
