import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/routes/route.ts';
import { DATABASE_FILE, openSqlite } from '../../../src/store/sqlite.ts';
import type { Disk } from '../../../src/store/store.ts';
import { holdDatabase } from '../../support/surroundings/database-lock.ts';
import { batch, diskContract } from './contract.ts';

const log = pino({ enabled: false });
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalbox-store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('sqlite store', () => {
  diskContract(
    () => openSqlite({ dir, log }),
    () => openSqlite({ dir, log }),
  );

  it('lets nobody else read its files', async () => {
    const own = join(dir, 'state');
    const store = await openSqlite({ dir: own, log });
    await store.write(batch(1, { '/a': 1 }));
    expect(statSync(own).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(own)) expect([file, statSync(join(own, file)).mode & 0o777]).toEqual([file, 0o600]);
    await store.close();
  });

  it('leaves a database of a newer release alone', async () => {
    const path = join(dir, DATABASE_FILE);
    await (await openSqlite({ dir, log })).close();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(openSqlite({ dir, log })).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      message: expect.stringContaining('99'),
      hint: expect.stringContaining('newer release'),
    });
    expect(readdirSync(dir).filter((file) => file.includes('corrupt'))).toEqual([]);
  });

  it('says so when the state folder is no folder', async () => {
    writeFileSync(join(dir, 'file'), '');
    await expect(openSqlite({ dir: join(dir, 'file'), log })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
  });

  it('says so when the database may not be read', async (context) => {
    if (process.getuid?.() === 0) return context.skip('root may read everything');
    await (await openSqlite({ dir, log })).close();
    chmodSync(join(dir, DATABASE_FILE), 0);
    await expect(openSqlite({ dir, log })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
    expect(readdirSync(dir)).toEqual([DATABASE_FILE]);
  });

  // How fast is for the benchmark to say; what took the square of the time would not end within this test's.
  it('opens 100,000 routes', async () => {
    const set = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`/user/somebody-${i}`, i]));
    const first = await openSqlite({ dir, log });
    await first.write(batch(1, set));
    await first.close();
    const store = await openSqlite({ dir, log });
    const { entries } = await store.load();
    await store.close();
    expect(entries).toHaveLength(100_000);
  }, 20_000);
});

describe('a large batch', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`/user/${i}`, 1]));

  it('lets other work have its turn, and what else is written comes after it, whole', async () => {
    const store = await openSqlite({ dir, log });
    let turns = 0;
    let done = false;
    const commit = store.write(batch(1, many(50_000))).then(() => {
      done = true;
    });
    const touched = store.touch([['/user/7', 70]]);
    const next = store.write(batch(2, { '/last': 2 }, { removed: Object.keys(many(50_000)) }));
    for (; !done; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBeGreaterThan(3);
    await Promise.all([commit, touched, next]);
    expect(await store.load()).toMatchObject({ generation: 2, entries: [{ route: { key: '/last' } }] });
    await store.close();
  });

  it('that fails at its end changes nothing, and keeps nobody from writing', async () => {
    const store = await openSqlite({ dir, log });
    const broken = store.write(batch(1, { ...many(20_000), '/broken': Number.NaN }));
    const next = store.write(batch(1, { '/a': 1 }));
    await expect(broken).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await next;
    expect((await store.load()).entries.map(({ route }) => route.key)).toEqual(['/a']);
    await store.close();
  });

  it('is stored whole when the store is closed meanwhile', async () => {
    const store = await openSqlite({ dir, log });
    const commit = store.write(batch(1, many(20_000)));
    await store.close();
    await commit;
    const again = await openSqlite({ dir, log });
    expect((await again.load()).entries).toHaveLength(20_000);
    await again.close();
  });
});

describe('another program', () => {
  it('that holds the lock is waited for, and meanwhile everything else goes on', async () => {
    const store = await openSqlite({ dir, log });
    const release = await holdDatabase(join(dir, DATABASE_FILE), 'write');
    const commits = [store.write(batch(1, { '/a': 1 })), store.touch([['/a', 5]])];
    let longest = 0;
    for (let last = performance.now(), looks = 0; looks < 30; looks++) {
      await delay(10);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    // SQLite's own waiting takes its whole time at once, two seconds.
    expect(longest).toBeLessThan(1_000);
    await release();
    await Promise.all(commits);
    expect((await store.load()).entries.map(({ route }) => route.key)).toEqual(['/a']);
    await store.close();
  });

  it('that keeps the lock is named as the reason, and nothing was changed', async () => {
    const store = await openSqlite({ dir, log });
    const release = await holdDatabase(join(dir, DATABASE_FILE), 'write');
    await expect(store.write(batch(1, { '/a': 1 }))).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('locked by another program'),
    });
    await release();
    expect(await store.load()).toMatchObject({ generation: 0, entries: [] });
    await store.close();
  });

  it('that reads for a long time leaves no large log behind', async () => {
    const store = await openSqlite({ dir, log });
    const size = () => statSync(join(dir, `${DATABASE_FILE}-wal`)).size;
    await store.write(batch(1, { '/a': 1 }));
    const release = await holdDatabase(join(dir, DATABASE_FILE), 'read');
    for (let generation = 2; size() < 8 << 20; generation++) {
      await store.write(batch(generation, { [`/${generation}/${'x'.repeat(400_000)}`]: 1 }));
    }
    await release();
    for (const generation of [1_000, 1_001]) await store.write(batch(generation, { '/b': generation }));
    expect(size()).toBeLessThanOrEqual(4 << 20);
    await store.close();
  });
});

/** A file system of its own where that can be had (root), so that ENOSPC is the kernel's; else none. */
function mountSmall(at: string): boolean {
  try {
    mkdirSync(at);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a full disk', () => {
  let small: string;
  let mounted: boolean;
  beforeEach(() => {
    small = join(dir, 'small');
    mounted = mountSmall(small);
  });
  afterEach(() => {
    if (mounted) execFileSync('umount', ['--lazy', small]);
  });

  async function fill(store: Disk): Promise<{ acknowledged: string[]; error: unknown }> {
    const acknowledged: string[] = [];
    for (let generation = 1; ; generation++) {
      const key = `/${generation}/${'x'.repeat(20_000)}`;
      try {
        await store.write(batch(generation, { [key]: generation }));
        acknowledged.push(key);
      } catch (error) {
        return { acknowledged, error };
      }
    }
  }

  it('is STORE_FULL, loses nothing acknowledged, and ends when there is room again', async (context) => {
    if (!mounted) return context.skip('needs root, to mount a small file system');
    const ballast = join(small, 'ballast');
    writeFileSync(ballast, Buffer.alloc(200_000));
    const store = await openSqlite({ dir: small, log });
    const { acknowledged, error } = await fill(store);
    expect(error).toMatchObject({ code: 'STORE_FULL' });
    expect(acknowledged.length).toBeGreaterThan(3);
    const keys = (entries: Entry[]) => entries.map((entry) => entry.route.key);
    expect(keys((await store.load()).entries)).toEqual(acknowledged);
    await expect(store.touch([[acknowledged[0] as string, Date.now()]])).rejects.toMatchObject({ code: 'STORE_FULL' });

    rmSync(ballast);
    await store.write(batch(1_000, { '/after': 1 }));
    await store.close();
    const again = await openSqlite({ dir: small, log });
    expect(keys((await again.load()).entries)).toEqual([...acknowledged, '/after']);
    await again.close();
  });

  it('on which a store is opened for the first time is reported as such', async (context) => {
    if (!mounted) return context.skip('needs root, to mount a small file system');
    writeFileSync(join(small, 'ballast'), Buffer.alloc(1 << 20));
    await expect(openSqlite({ dir: small, log })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
  });
});
