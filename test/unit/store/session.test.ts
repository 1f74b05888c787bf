import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SESSION_FILE, Session } from '../../../src/store/session.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { batch } from './contract.ts';

let dir: string;
const warn = vi.fn();
beforeEach(() => {
  warn.mockClear();
  dir = makeTempDir();
});

const open = (folder = dir) => Session.open({ dir: folder, log: { warn } });

async function left(): Promise<string[]> {
  const session = await open();
  await session.close();
  return session.left.map(({ route }) => route.key);
}

describe('the store of a table that is not kept', () => {
  it('tells the next daemon what the earlier one had', async () => {
    const session = await open();
    expect(await session.load()).toEqual({ generation: 0, entries: [] });
    await session.write(batch(1, { '/a': 1, '/b': 2 }));
    await session.write(batch(2, {}, { removed: ['/a'] }));
    await session.close();
    const next = await open();
    expect(next.left.map(({ route }) => route.key)).toEqual(['/b']);
    expect(await next.load()).toEqual({ generation: 2, entries: [] });
    await next.forget(['/b']);
    await next.close();
    expect(await left()).toEqual([]);
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
    const session = await open();
    await session.write(batch(1, { '/a': 1 }));
    const broken = batch(2, { '/b': Number.NaN });
    await session.write(broken);
    expect(warn).toHaveBeenCalledOnce();
    await session.write(batch(3, { '/c': 3 }));
    expect(readdirSync(dir)).toEqual([]);
    await session.close();
    const nowhere = await open(join(dir, 'missing'));
    await nowhere.write(batch(1, { '/a': 1 }));
    expect(nowhere.left).toEqual([]);
    await nowhere.close();
  });
});
