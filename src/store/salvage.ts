import { DatabaseSync } from 'node:sqlite';
import type { Entry } from '../routes/route.ts';
import { entryOfRow, ROW_COLUMNS, type Row } from './rows.ts';
import type { Loaded } from './store.ts';

/**
 * Everything that can still be read from a broken database, which is opened read-only: its write-ahead log is read too,
 * and stays. Never throws; what cannot be read is left out. A generation that is lost counts as 0.
 */
export function salvage(path: string): Loaded {
  let db: DatabaseSync;
  try {
    // SQLite reads nothing of a file that is shorter than its header says, unless it takes the schema to be in repair.
    db = new DatabaseSync(path, { readOnly: true, defensive: false });
    db.exec('PRAGMA writable_schema = ON');
  } catch {
    return { generation: 0, entries: [] };
  }
  try {
    const entries = new Map<string, Entry>();
    // Through the rowid tree first, then through the index on `key`: a page missing from one may hide rows that the
    // other still leads to.
    for (const row of rowsByRowid(db)) keep(entries, row);
    for (const row of rowsByKey(db)) keep(entries, row);
    return { generation: readGeneration(db), entries: [...entries.values()] };
  } finally {
    db.close();
  }
}

function keep(entries: Map<string, Entry>, row: Row): void {
  try {
    const entry = entryOfRow(row);
    if (!entries.has(entry.route.key)) entries.set(entry.route.key, entry);
  } catch {
    // Not a route any more.
  }
}

/**
 * Walks the table from both ends, since a page that can't be read stops a walk; then jumps over such pages with strides
 * that double while nothing is found, so that a hole of any size costs few tries.
 */
function* rowsByRowid(db: DatabaseSync): Generator<Row> {
  const up = walker(db, `SELECT rowid AS id, ${ROW_COLUMNS} FROM routes WHERE rowid >= ? ORDER BY rowid`);
  const down = walker(db, `SELECT rowid AS id, ${ROW_COLUMNS} FROM routes WHERE rowid <= ? ORDER BY rowid DESC`);
  let last = yield* up(0);
  if (last.complete) return;
  const { id: end } = yield* down(Number.MAX_SAFE_INTEGER);
  for (let stride = 1, from = last.id + 1; from < end; ) {
    last = yield* up(from);
    if (last.complete) return;
    if (last.id >= from) {
      from = last.id + 1;
      stride = 1;
    } else {
      from += stride;
      stride *= 2;
    }
  }
}

/** Yields rows until the end or an error; returns where it stopped. */
function walker(db: DatabaseSync, sql: string) {
  return function* walk(from: number): Generator<Row, { id: number; complete: boolean }> {
    let id = from - 1;
    try {
      for (const row of db.prepare(sql).iterate(from)) {
        id = Number(row.id);
        yield row;
      }
      return { id, complete: true };
    } catch {
      return { id, complete: false };
    }
  };
}

/** The index holds the keys; each row is then looked up alone, so that one bad page costs only its own rows. */
function* rowsByKey(db: DatabaseSync): Generator<Row> {
  const ids = new Set<number>();
  for (const order of ['ASC', 'DESC']) {
    try {
      const sql = `SELECT rowid AS id FROM routes INDEXED BY sqlite_autoindex_routes_1 ORDER BY key ${order}`;
      for (const row of db.prepare(sql).iterate()) ids.add(Number(row.id));
    } catch {
      // As far as it went.
    }
  }
  for (const id of ids) {
    try {
      const row = db.prepare(`SELECT ${ROW_COLUMNS} FROM routes WHERE rowid = ?`).get(id);
      if (row) yield row;
    } catch {
      // On a page that can't be read.
    }
  }
}

function readGeneration(db: DatabaseSync): number {
  try {
    const generation = db.prepare('SELECT generation FROM meta WHERE id = 1').get()?.generation;
    return typeof generation === 'number' ? generation : 0;
  } catch {
    return 0;
  }
}
