import { statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, entryJson, makeRoute } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { Breather } from '../system/breather.ts';
import { hasRoom } from '../system/disk-room.ts';
import { readIfThere } from '../system/files.ts';
import { guarded } from '../system/guarded.ts';
import type { Log } from '../system/log.ts';
import { entryOfRow } from './rows.ts';

/** The name of the copy in the state folder. */
export const COPY_FILE = 'routes.json';

/** Time between two copies, ms; none is made when no route has changed since the last one. */
const PAUSE_MS = 60_000;

interface TableCopyOptions {
  /** The state folder. */
  readonly dir: string;
  readonly table: Pick<RoutingTable, 'generation' | 'entries' | 'isKnown'>;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * Keeps a copy of the table beside the database, for when that is found broken. It is written from memory, so that it never contains
 * damage from the disk, and in the form of `signalbox routes export`, so that people can read and import it.
 */
export class TableCopy {
  readonly #options: TableCopyOptions;
  readonly #path: string;
  readonly #write: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** Generation of the table that the copy on disk shows. */
  #copied: number | undefined;

  constructor(options: TableCopyOptions) {
    this.#options = options;
    this.#path = join(options.dir, COPY_FILE);
    this.#write = guarded(options.log, 'copying the table beside the database', () => this.#renew());
  }

  start(): void {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), PAUSE_MS).unref();
  }

  /** What has changed since the last copy is in a new one: the next daemon may find no database. */
  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    this.#tick();
    await this.#writing;
  }

  #tick(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #renew(): Promise<void> {
    const { table, dir } = this.#options;
    const { generation, isKnown } = table;
    if (!isKnown || generation === this.#copied) return;
    const entries = [...table.entries()];
    // The room that is left is for the database, which would otherwise refuse changes.
    if (!hasRoom(dir, 2 * roughSize(entries))) throw new Error(`there is not enough room in ${dir}`);
    // Always the same name, so that what a kill leaves is overwritten.
    const temporary = `${this.#path}.new`;
    try {
      await writeFile(temporary, textOf(entries), { mode: 0o600, flush: true });
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#copied = generation;
  }
}

function roughSize(entries: readonly Entry[]): number {
  return entries.reduce((sum, { route }) => sum + route.key.length + route.data.length + 50, 0);
}

/** The text in parts, between which other work has its turn. */
async function* textOf(entries: readonly Entry[]): AsyncGenerator<string> {
  const breather = new Breather();
  const now = Date.now();
  let part = '{';
  for (const [index, entry] of entries.entries()) {
    part += `${index === 0 ? '' : ','}\n${JSON.stringify(entry.route.key)}:${entryJson(entry, now)}`;
    if (!breather.isDue) continue;
    yield part;
    part = '';
    await breather.rest();
  }
  yield `${part}\n}\n`;
}

/**
 * The table that the copy in `dir` shows, and when it was written; undefined when there is none. Every route counts as used now, as
 * after a start of configurable-http-proxy: by the older times a server that is in use could be culled.
 */
export function readTableCopy(dir: string): { readonly entries: Entry[]; readonly time: Date } | undefined {
  const path = join(dir, COPY_FILE);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const now = Date.now();
  const routes = Object.entries(JSON.parse(text) as Record<string, { target: string }>);
  const entries = routes.map(([key, data]) => entryOfRow({ ...makeRoute(key, data), last_activity: now }));
  return { entries, time: statSync(path).mtime };
}
