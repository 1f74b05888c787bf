import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../errors.ts';
import type { Log } from '../system/log.ts';
import { SIDE_FILES } from './rescue.ts';
import { openUnflushed } from './sqlite.ts';
import type { Loaded, Store } from './store.ts';

/** The name of the database in the state folder; a table that is kept has another one. */
export const SESSION_FILE = 'session.db';

/**
 * The store of a table that is not kept. When this daemon is killed its proxy goes on serving, and `load` tells the next daemon which
 * routes. As nothing else needs it, nothing waits for the disk, and its failures refuse no change.
 */
export function openSession({ dir, log }: { dir: string; log: Pick<Log, 'warn'> }): Store {
  const path = join(dir, SESSION_FILE);
  let store = open();

  function open(): Store | undefined {
    try {
      return openUnflushed(path);
    } catch {
      // Broken by a power cut, or of a newer release.
    }
    remove();
    try {
      return openUnflushed(path);
    } catch (error) {
      return giveUp(error);
    }
  }

  function remove(): void {
    for (const suffix of ['', ...SIDE_FILES]) rmSync(path + suffix, { force: true });
  }

  /** Removes a file that lacks a change: it would tell the next daemon of routes that are gone. */
  function giveUp(error: unknown): undefined {
    log.warn(
      { reason: describeError(error) },
      `${path} can't be written: a later daemon will not know what this one served`,
    );
    remove();
  }

  return {
    async load(): Promise<Loaded> {
      return (await store?.load()) ?? { generation: 0, entries: [] };
    },
    async commit(batch) {
      try {
        await store?.commit(batch);
      } catch (error) {
        await store?.close();
        store = giveUp(error);
      }
    },
    async touch() {},
    async cursors() {
      return new Map();
    },
    async close() {
      await store?.close();
    },
  };
}
