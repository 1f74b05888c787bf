import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { RoutingTable } from '../../../src/routes/table.ts';
import { DATABASE_FILE, openSqlite } from '../../../src/store/sqlite.ts';
import type { Loaded } from '../../../src/store/store.ts';
import { COPY_FILE, TableCopy } from '../../../src/store/table-copy.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { batch } from './contract.ts';

const ROUTES = 500;
let dir: string;
let path: string;
let logged: string[];
const log = pino({}, { write: (line: string) => logged.push(line) });

beforeEach(async () => {
  dir = makeTempDir('signalbox-corrupt-');
  path = join(dir, DATABASE_FILE);
  logged = [];
  const store = await openSqlite({ dir, log });
  const set = Object.fromEntries(Array.from({ length: ROUTES }, (_, i) => [`/user/${i}`, 1_000 + i]));
  await store.write(batch(5, set));
  await copyTable(await store.load());
  await store.write(batch(6, { '/late': 6 }));
  await store.close();
});

async function copyTable({ generation, entries }: Loaded): Promise<void> {
  const copy = new TableCopy({ dir, table: new RoutingTable(generation, entries), log });
  copy.start();
  await copy.stop();
}

async function open() {
  const store = await openSqlite({ dir, log });
  const loaded = await store.load();
  await store.close();
  return { ...loaded, keys: loaded.entries.map((entry) => entry.route.key) };
}

const keptAside = () => readdirSync(dir).filter((file) => file.includes('.corrupt-'));

function overwrite(offset: number, length: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, offset, offset + length);
  writeFileSync(path, bytes);
}

describe('a broken database', () => {
  it('is set aside, and the copy of the table takes its place; the log says what of', async () => {
    writeFileSync(path, 'Dear diary,\n'.repeat(1_000));
    const before = Date.now();
    const { entries, generation } = await open();
    expect(entries.map(({ route }) => route)).toEqual(
      batch(5, Object.fromEntries(Array.from({ length: ROUTES }, (_, i) => [`/user/${i}`, 0]))).added.map(
        ({ route }) => route,
      ),
    );
    for (const { lastActivity } of entries) expect(lastActivity).toBeGreaterThanOrEqual(before);
    expect(generation).toBeGreaterThanOrEqual(before);
    const [kept] = keptAside();
    expect(readFileSync(join(dir, kept as string), 'utf8')).toMatch(/^Dear diary/);
    expect(logged.join('')).toContain(kept);
    expect(logged.join('')).toContain('not a database');
    expect(logged.join('')).toMatch(/500 routes as they were at 20\S+Z, \d+ s ago/);
    expect(await open(), 'the next time').toMatchObject({ entries, generation });
  });

  it('that is empty is not taken for a new one', async () => {
    truncateSync(path, 0);
    expect((await open()).keys).toHaveLength(ROUTES);
    expect(logged.join('')).toContain('empty');
  });

  it.each([0.25, 0.5, 0.75])('cut off at %d of its length is replaced', async (part) => {
    truncateSync(path, Math.floor(readFileSync(path).length * part));
    expect((await open()).keys).toHaveLength(ROUTES);
  });

  it.each([1, 2, 3, 4, 5])('with page %d overwritten is replaced', async (page) => {
    overwrite((page - 1) * 4096, 4096);
    expect((await open()).keys).toHaveLength(ROUTES);
  });

  it('with a row that holds no route is replaced', async () => {
    const db = new DatabaseSync(path);
    db.exec(`UPDATE routes SET data = '{"target' WHERE key = '/user/7'`);
    db.close();
    expect((await open()).keys).toHaveLength(ROUTES);
  });

  it('is set aside together with its write-ahead log', async () => {
    const store = await openSqlite({ dir, log });
    await store.write(batch(7, { '/later': 7 }));
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, join(dir, `left${suffix}`));
    await store.close();
    for (const suffix of ['', '-wal']) renameSync(join(dir, `left${suffix}`), path + suffix);
    overwrite(4096 * 20, 4096);
    expect((await open()).keys).toHaveLength(ROUTES);
    expect(keptAside().filter((file) => file.endsWith('-wal'))).toHaveLength(1);
  });

  it('without a copy begins empty, and says so', async () => {
    rmSync(join(dir, COPY_FILE));
    writeFileSync(path, 'x'.repeat(8192));
    expect((await open()).keys).toEqual([]);
    expect(logged.join('')).toContain('There is no copy of it');
  });

  it.each(['{"/user/0":{"target":', '{"/user/0":{}}'])(
    'whose copy is %s begins empty, and keeps both',
    async (text) => {
      writeFileSync(join(dir, COPY_FILE), text);
      writeFileSync(path, 'x'.repeat(8192));
      expect((await open()).keys).toEqual([]);
      expect(keptAside().map((file) => file.replace(/corrupt-.*/, ''))).toEqual(['routes.json.', 'signalbox.db.']);
      expect(logged.join('')).toContain("can't be read either");
    },
  );

  it('is replaced by the complete one when a crash came between the renames, whatever log was left behind', async () => {
    const store = await openSqlite({ dir, log });
    await store.write(batch(6, {}, { removed: ['/user/0'] }));
    copyFileSync(`${path}-wal`, join(dir, 'left-behind'));
    await store.close();
    rmSync(path);
    const whole = await openSqlite({ dir, log });
    await whole.write(batch(9, { '/whole': 9 }));
    await whole.close();
    renameSync(path, `${path}.fresh`);
    renameSync(join(dir, 'left-behind'), `${path}-wal`);
    expect(await open()).toMatchObject({ keys: ['/whole'], generation: 9 });
    expect(existsSync(`${path}.fresh`)).toBe(false);
  });
});

it('a missing database is a new table, whatever copy there is: whoever takes it away wants to begin anew', async () => {
  rmSync(path);
  expect((await open()).entries).toEqual([]);
});
