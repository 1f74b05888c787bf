import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { Fleet } from './fleet.ts';
import { LocalStore } from './local-store.ts';
import { Session } from './session.ts';
import { openSqlite } from './sqlite.ts';
import type { Cursors, Store } from './store.ts';

/** What a daemon keeps. */
interface Kept {
  readonly store: Store;
  readonly cursors: Cursors;
  /** Of a store that others share. */
  readonly fleet?: Fleet;
  /** Of a table that is not kept. */
  readonly session?: Session;
}

/** Opens the store that the configuration asks for. */
export async function openStore({ persist, stateDir: dir }: Config, log: Logger): Promise<Kept> {
  if (persist) {
    const disk = await openSqlite({ dir, log });
    return { store: new LocalStore(disk, log), cursors: disk.cursors };
  }
  const session = await Session.open({ dir, log });
  return { store: new LocalStore(session, log), cursors: NO_CURSORS, session };
}

/** Times that are not kept are not to be read again either: the logs are read from their front. */
const NO_CURSORS: Cursors = { read: async () => new Map(), save: async () => {} };
