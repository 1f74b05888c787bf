import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openSession, SESSION_FILE } from '../../../src/store/session.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { batch } from './contract.ts';

let dir: string;
const warn = vi.fn();
beforeEach(() => {
  warn.mockClear();
  dir = makeTempDir();
});

async function left(): Promise<string[]> {
  const store = openSession({ dir, log: { warn } });
  const { entries } = await store.load();
  await store.close();
  return entries.map(({ route }) => route.key);
}

describe('the store of a table that is not kept', () => {
  it('tells the next daemon what the earlier one had', async () => {
    const store = openSession({ dir, log: { warn } });
    expect(await store.load()).toEqual({ generation: 0, entries: [] });
    await store.commit(batch(1, { '/a': 1, '/b': 2 }));
    await store.commit(batch(2, {}, { remove: ['/a'] }));
    await store.close();
    expect(await left()).toEqual(['/b']);
    expect(warn).not.toHaveBeenCalled();
  });

  it('begins anew where the file is broken, or a newer release wrote it', async () => {
    writeFileSync(join(dir, SESSION_FILE), 'no database'.repeat(1_000));
    expect(await left()).toEqual([]);
    using db = new DatabaseSync(join(dir, SESSION_FILE));
    db.exec('PRAGMA user_version = 99');
    expect(await left()).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('refuses no change when it cannot be written, and then leaves nothing that is out of date', async () => {
    const store = openSession({ dir, log: { warn } });
    await store.commit(batch(1, { '/a': 1 }));
    const broken = batch(2, { '/b': Number.NaN });
    await store.commit(broken);
    expect(warn).toHaveBeenCalledOnce();
    await store.commit(batch(3, { '/c': 3 }));
    expect(readdirSync(dir)).toEqual([]);
    await store.close();
    const nowhere = openSession({ dir: join(dir, 'missing'), log: { warn } });
    await nowhere.commit(batch(1, { '/a': 1 }));
    expect(await nowhere.load()).toEqual({ generation: 0, entries: [] });
    await nowhere.close();
  });
});
