import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Log } from '../system/log.ts';
import type { Fleet, FleetEvents } from './fleet.ts';
import { LocalStore } from './local-store.ts';
import { openScratch } from './scratch.ts';
import { Session } from './session.ts';
import { openSqlite } from './sqlite.ts';
import type { Cursors, Store } from './store.ts';

/** Of a daemon whose table is elsewhere: what is lost is read again. */
const CURSORS_FILE = 'cursors.db';

/** What a daemon keeps. */
interface Kept {
  readonly store: Store;
  readonly cursors: Cursors;
  /** Of a store that others share. */
  readonly fleet?: Fleet;
  /** Of a table that is not kept. */
  readonly session?: Session;
  readonly close: () => Promise<unknown>;
}

/** Opens the store that the configuration asks for. */
export async function openStore(config: Config, log: Log, events: FleetEvents): Promise<Kept> {
  const { persist, stateDir: dir, database, databaseFile } = config;
  if (database !== undefined || databaseFile !== undefined) {
    // Late: the others have no use for it.
    const { openPostgres } = await import('./postgres/open.ts');
    const { store, fleet } = openPostgres(config, log, events);
    const disk = openScratch(join(dir, CURSORS_FILE));
    const close = () => Promise.all([store.close(), disk.close()]);
    return { store, fleet, cursors: disk.cursors, close };
  }
  if (persist) {
    const disk = await openSqlite({ dir, log });
    return { store: new LocalStore(disk, log), cursors: disk.cursors, close: () => disk.close() };
  }
  const session = await Session.open({ dir, log });
  return { store: new LocalStore(session, log), cursors: NO_CURSORS, session, close: () => session.close() };
}

/** Times that are not kept are not to be read again either: the logs are read from their front. */
const NO_CURSORS: Cursors = { read: async () => new Map(), save: async () => {} };
