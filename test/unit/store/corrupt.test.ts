import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASE_FILE, openSqliteStore } from '../../../src/store/sqlite.ts';
import { batch } from './contract.ts';

const ROUTES = 2_000;
let dir: string;
let path: string;
let logged: string[];
const log = pino({}, { write: (line: string) => logged.push(line) });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'signalbox-corrupt-'));
  path = join(dir, DATABASE_FILE);
  logged = [];
  const store = await openSqliteStore({ dir, log });
  const set = Object.fromEntries(Array.from({ length: ROUTES }, (_, i) => [`/user/${i}`, 1_000 + i]));
  await store.commit(batch(5, set));
  await store.close();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const served = async () => [
  { key: '/user/0', target: 'http://proxy-says' },
  { key: '/only/proxy', target: 'http://only-proxy' },
];

async function openBroken(recover = served) {
  const store = await openSqliteStore({ dir, log, recover });
  const loaded = await store.load();
  await store.close();
  return { ...loaded, keys: new Set(loaded.entries.map((entry) => entry.route.key)) };
}

const keptAside = () => readdirSync(dir).filter((file) => file.startsWith(`${DATABASE_FILE}.corrupt-`));

function overwrite(offset: number, length: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, offset, offset + length);
  writeFileSync(path, bytes);
}

function query(sql: string): Record<string, unknown> | undefined {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare(sql).get();
}

describe('a broken database', () => {
  it('that is no database at all is set aside, and what the proxy serves is taken', async () => {
    writeFileSync(path, 'Dear diary,\n'.repeat(1_000));
    const before = Date.now();
    const { entries, generation } = await openBroken();
    expect(entries.map((entry) => entry.route)).toEqual([
      { key: '/user/0', target: 'http://proxy-says', data: '{"target":"http://proxy-says"}' },
      { key: '/only/proxy', target: 'http://only-proxy', data: '{"target":"http://only-proxy"}' },
    ]);
    for (const entry of entries) expect(entry.lastActivity).toBeGreaterThanOrEqual(before);
    expect(generation).toBeGreaterThan(1_700_000_000);
    const [kept] = keptAside();
    expect(readFileSync(join(dir, kept as string), 'utf8')).toMatch(/^Dear diary/);
    expect(logged.join('')).toContain(kept);
    expect(logged.join('')).toContain('2 more were taken from what the proxy serves');
    expect(logged.join('')).toContain('not a database');
  });

  it('that is empty is not taken for a new one', async () => {
    truncateSync(path, 0);
    expect((await openBroken()).keys).toEqual(new Set(['/user/0', '/only/proxy']));
    expect(logged.join('')).toContain('empty');
  });

  it('with pages overwritten gives back the rows on the others, with their data and times', async () => {
    const { page_size: size } = query('PRAGMA page_size') as { page_size: number };
    const pages = statSync(path).size / size;
    overwrite(size * Math.floor(pages / 3), size * 2);
    const { entries, keys, generation } = await openBroken();
    expect(keys.size).toBeGreaterThan(ROUTES / 2);
    expect(keys).toContain('/only/proxy');
    expect(generation).toBeGreaterThan(5);
    const zero = entries.find((entry) => entry.route.key === '/user/0');
    expect(zero).toMatchObject({ lastActivity: 1_000, route: { target: 'http://backend/user/0' } });
    expect(zero?.route.data).toContain('"user":"/user/0"');
  });

  it.each([0.25, 0.5, 0.75])('cut off at %d of its length gives back what can be read', async (part) => {
    const length = Math.floor(statSync(path).size * part);
    truncateSync(path, length);
    const { keys } = await openBroken();
    expect(keys).toContain('/only/proxy');
    expect(keys.size).toBeGreaterThan((ROUTES * part) / 2);
    expect(keptAside().map((file) => statSync(join(dir, file)).size)).toContain(length);
  });

  it.each([1, 2, 3, 4, 5])('with page %d overwritten still starts', async (page) => {
    overwrite((page - 1) * 4096, 4096);
    const { keys } = await openBroken();
    expect(keys).toContain('/only/proxy');
    expect(await openBroken()).toMatchObject({ keys });
  });

  it('with a row that holds no route loses only that row', async () => {
    const db = new DatabaseSync(path);
    db.exec(`UPDATE routes SET data = '{"target' WHERE key = '/user/7'`);
    db.close();
    const { keys } = await openBroken();
    expect(keys.has('/user/7')).toBe(false);
    expect(keys.size).toBe(ROUTES - 1 + 1);
  });

  it('is rescued together with its write-ahead log', async () => {
    const store = await openSqliteStore({ dir, log });
    await store.commit(batch(6, { '/late': 6 }));
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, join(dir, `copy${suffix}`));
    await store.close();
    for (const suffix of ['', '-wal']) renameSync(join(dir, `copy${suffix}`), path + suffix);
    const { page_size: size } = query('PRAGMA page_size') as { page_size: number };
    overwrite(size * 20, size);
    expect((await openBroken()).keys).toContain('/late');
    expect(keptAside().filter((file) => file.endsWith('-wal'))).toHaveLength(1);
  });

  it('starts all the same when the proxy cannot be asked', async () => {
    writeFileSync(path, 'x'.repeat(8192));
    const { entries } = await openBroken(async () => {
      throw new Error('no such file');
    });
    expect(entries).toEqual([]);
    expect(logged.join('')).toContain('could not be read back');
  });

  it('is replaced by the complete one when a crash came between the renames, whatever log was left behind', async () => {
    const store = await openSqliteStore({ dir, log });
    await store.commit(batch(6, {}, { remove: ['/user/0'] }));
    copyFileSync(`${path}-wal`, join(dir, 'left-behind'));
    await store.close();
    rmSync(path);
    const whole = await openSqliteStore({ dir, log });
    await whole.commit(batch(9, { '/whole': 9 }));
    await whole.close();
    renameSync(path, `${path}.fresh`);
    renameSync(join(dir, 'left-behind'), `${path}-wal`);
    const { keys, generation } = await openBroken();
    expect([[...keys], generation]).toEqual([['/whole'], 9]);
    expect(existsSync(`${path}.fresh`)).toBe(false);
  });
});

it('a missing database is a new table; the proxy is not asked', async () => {
  rmSync(path);
  expect((await openBroken()).entries).toEqual([]);
});
