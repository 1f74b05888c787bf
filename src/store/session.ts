import { join } from 'node:path';
import { describeError } from '../errors.ts';
import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';
import type { Log } from '../system/log.ts';
import { openScratch, removeScratch } from './scratch.ts';
import type { SqliteDisk } from './sqlite.ts';
import type { Disk, Loaded } from './store.ts';

/** The name of the database in the state folder; a table that is kept has another one. */
export const SESSION_FILE = 'session.db';

/**
 * The disk of a table that is not kept. When this daemon is killed its proxy goes on serving, and `left` tells the next daemon which
 * routes. As nothing else needs it, nothing waits for the disk, and its failures refuse no change.
 */
export class Session implements Disk {
  /** What an earlier daemon's proxy may still serve. */
  readonly left: readonly Entry[];
  readonly #path: string;
  readonly #log: Pick<Log, 'warn'>;
  #generation: number;
  #disk: SqliteDisk | undefined;

  static async open({ dir, log }: { dir: string; log: Pick<Log, 'warn'> }): Promise<Session> {
    const path = join(dir, SESSION_FILE);
    const disk = tryOpen(path, log);
    return new Session(path, log, disk, (await disk?.load()) ?? { generation: 0, entries: [] });
  }

  private constructor(path: string, log: Pick<Log, 'warn'>, disk: SqliteDisk | undefined, before: Loaded) {
    this.#path = path;
    this.#log = log;
    this.#disk = disk;
    this.#generation = before.generation;
    this.left = before.entries;
  }

  /** Whatever is left, this table begins empty. */
  async load(): Promise<Loaded> {
    return { generation: this.#generation, entries: [] };
  }

  async write(batch: Batch): Promise<void> {
    this.#generation = batch.generation;
    try {
      await this.#disk?.write(batch);
    } catch (error) {
      // A file that lacks a change would tell the next daemon of routes that are gone.
      await this.#disk?.close();
      this.#disk = undefined;
      giveUp(this.#path, error, this.#log);
    }
  }

  /** These are no longer served: nobody has put them back, or the proxy has ended. */
  forget(removed: readonly string[]): Promise<void> {
    return this.write({ generation: this.#generation, whole: false, added: [], changed: [], removed, touched: [] });
  }

  async touch(): Promise<void> {}

  async close(): Promise<void> {
    await this.#disk?.close();
  }
}

function tryOpen(path: string, log: Pick<Log, 'warn'>): SqliteDisk | undefined {
  try {
    return openScratch(path);
  } catch (error) {
    giveUp(path, error, log);
    return undefined;
  }
}

function giveUp(path: string, error: unknown, log: Pick<Log, 'warn'>): void {
  log.warn(
    { reason: describeError(error) },
    `${path} can't be written: a later daemon will not know what this one served`,
  );
  removeScratch(path);
}
