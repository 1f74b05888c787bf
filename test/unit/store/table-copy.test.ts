import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { COPY_FILE, readTableCopy, TableCopy } from '../../../src/store/table-copy.ts';
import { adding } from '../../support/adding.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { batch } from './contract.ts';

let dir: string;
let table: RoutingTable;
let copy: TableCopy;
const warn = vi.fn();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  warn.mockClear();
  dir = makeTempDir();
  table = new RoutingTable(0);
  copy = new TableCopy({ dir, table, log: { warn } });
});
afterEach(async () => {
  await copy.stop();
  vi.useRealTimers();
});

const keys = () => readTableCopy(dir)?.entries.map(({ route }) => route.key);
const inode = () => statSync(join(dir, COPY_FILE)).ino;

describe('the copy of the table', () => {
  it('gives back every route to the letter and in order; each counts as used now', async () => {
    const odd = makeRoute('/user/ü "\'\u{1f600}', {
      target: 'http://h/\0\ud800',
      ['__proto__']: 1,
      a: [null],
    } as never);
    table.apply(batch(1, { '/b': 1, '/a': 2 }));
    table.apply(adding(2, { route: odd, lastActivity: 3 }));
    copy.start();
    await copy.stop();
    const before = Date.now();
    const { entries = [] } = readTableCopy(dir) ?? {};
    expect(entries.map(({ route }) => route)).toEqual([...table.routes()]);
    for (const { lastActivity } of entries) expect(lastActivity).toBeGreaterThanOrEqual(before);
  });

  it('is what the API takes, and nobody else may read it', async () => {
    table.apply(batch(1, { '/a': 0, '/b': 1_000 }));
    copy.start();
    await copy.stop();
    expect(JSON.parse(readFileSync(join(dir, COPY_FILE), 'utf8'))).toEqual({
      '/a': { target: 'http://backend/a', user: '/a', last_activity: '1970-01-01T00:00:00.000Z' },
      '/b': { target: 'http://backend/b', user: '/b', last_activity: '1970-01-01T00:00:01.000Z' },
    });
    expect(readdirSync(dir)).toEqual([COPY_FILE]);
    expect(statSync(join(dir, COPY_FILE)).mode & 0o777).toBe(0o600);
  });

  it('at the end has what changed a moment before', async () => {
    table.apply(batch(1, { '/a': 0 }));
    copy.start();
    await vi.waitUntil(() => keys()?.length === 1);
    table.apply(batch(2, { '/b': 0 }));
    await copy.stop();
    expect(keys()).toEqual(['/a', '/b']);
  });

  it('of an empty table is one, too; where there is none, nothing is read', async () => {
    expect(readTableCopy(dir)).toBeUndefined();
    copy.start();
    await copy.stop();
    expect(keys()).toEqual([]);
  });

  it('is made anew a minute later, if a route has changed', async () => {
    copy.start();
    await vi.waitFor(() => expect(keys()).toEqual([]));
    const first = inode();
    await vi.advanceTimersByTimeAsync(60_000);
    table.apply(batch(1, { '/a': 1 }));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(inode()).toBe(first);
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitFor(() => expect(keys()).toEqual(['/a']));
  });

  it('that fails leaves the earlier one and no other file, and is tried again', async () => {
    mkdirSync(join(dir, `${COPY_FILE}.new`));
    copy.start();
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    expect(readTableCopy(dir)).toBeUndefined();
    rmSync(join(dir, `${COPY_FILE}.new`), { recursive: true });
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(keys()).toEqual([]));
  });

  it('shows a moment of the table, however it changes while it is written', async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`/${i}`, i]));
    table.apply(batch(1, many));
    copy.start();
    for (let generation = 2; generation < 20; generation++) {
      table.apply(batch(generation, { '/new': 1 }, { removed: [`/${generation * 2_000}`] }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitUntil(() => keys() !== undefined, { timeout: 5_000 });
    expect(keys()).toEqual(Object.keys(many));
  });
});
