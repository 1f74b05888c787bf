import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { LocalStore } from '../../../src/store/local-store.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import type { Disk } from '../../../src/store/store.ts';
import { createMemoryDisk } from '../../support/memory-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { entry } from './contract.ts';
import { Follower, storeContract } from './store-contract.ts';

const log = pino({ enabled: false });

describe('the store of a single daemon', () => {
  describe('in memory', () => {
    let disk: Disk;
    const open = async () => {
      let isOpen = true;
      const closed = () => Promise.reject(new SignalboxError('STORE_FAILED', 'the store is closed'));
      // What is on a disk stays when the store that uses it is closed.
      const handle: Disk = {
        ...disk,
        write: (batch) => (isOpen ? disk.write(batch) : closed()),
        close: async () => {
          isOpen = false;
        },
      };
      return new LocalStore(handle, log);
    };
    storeContract(() => {
      disk = createMemoryDisk();
      return open();
    }, open);
  });

  describe('in SQLite', () => {
    let dir: string;
    beforeEach(() => {
      dir = join(makeTempDir(), 'state');
    });
    const open = async () => new LocalStore(await openSqlite({ dir, log }), log);
    storeContract(open, open);
  });

  it('sets times to now that lie in the future when it is opened: the clock was ahead', async () => {
    const ahead = Date.now() + 3_600_000;
    const disk = createMemoryDisk({ generation: 1, entries: [entry('/a', ahead), entry('/b', 5)] });
    const sink = new Follower();
    await new LocalStore(disk, log).open(sink);
    expect(sink.times['/a']).toBeLessThanOrEqual(Date.now());
    expect(sink.times['/b']).toBe(5);
    expect((await disk.load()).entries[0]?.lastActivity).toBe(sink.times['/a']);
  });
});
