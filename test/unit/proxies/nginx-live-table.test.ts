import fs, {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Links } from '../../../src/proxies/nginx/links.ts';
import { LiveTable } from '../../../src/proxies/nginx/live-table.ts';
import { describeIf } from '../../support/skip.ts';
import { mountSmallDisk, noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

const [ONE, TWO, THREE] = ['http/127.0.0.1:1', 'http/127.0.0.1:2', 'https/10.0.0.3:443,hub/base'];

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  vi.useRealTimers();
});

async function opened(dir: string): Promise<LiveTable> {
  const table = new LiveTable(dir);
  await table.open();
  return table;
}

/** What nginx finds at a request: where the link leads, with all links on the way followed. */
function served(dir: string, path: string): string | undefined {
  const link = join(dir, 'table', path);
  return existsSync(link) ? /\/t\/(.*)$/s.exec(fs.realpathSync(link))?.[1] : undefined;
}

const generationIn = (dir: string) => readdirSync(join(dir, 'table/g'));

it('holds routes as links of their depth, with the root route always there and the generation as a name', async () => {
  const dir = makeTempDir();
  const table = await opened(dir);
  expect([served(dir, '0/-'), generationIn(dir)]).toEqual(['none', ['=0']]);
  await table.change(Object.entries({ '/': ONE, '/user/ada': TWO, '/hub': THREE }), [], 17);
  expect([served(dir, '0/-'), served(dir, '2/user/ada'), served(dir, '1/hub')]).toEqual([ONE, TWO, THREE]);
  expect(generationIn(dir)).toEqual(['=17']);
  await table.change([], ['/', '/user/ada'], 18);
  expect([served(dir, '0/-'), readdirSync(join(dir, 'table/2')), generationIn(dir)]).toEqual(['none', [], ['=18']]);
  expect(Object.fromEntries((await opened(dir)).entries)).toEqual({ '/hub': THREE });
});

it('makes many targets names of one file, and more files where one has all the names it may have', async () => {
  const dir = makeTempDir();
  const table = await opened(dir);
  const target = (n: number) => `http/127.0.0.1:${n}`;
  await table.change(
    [1, 2, 3].map((n) => [`/${n}`, target(n)]),
    [],
    1,
  );
  const names = (n: number) => fs.statSync(join(dir, 't', target(n))).nlink;
  expect(names(1)).toBe(3);
  vi.spyOn(fs, 'linkSync').mockImplementation(() => {
    throw Object.assign(new Error('too many names'), { code: 'EMLINK' });
  });
  syncBuiltinESMExports();
  await table.change(
    [4, 5].map((n) => [`/${n}`, target(n)]),
    [],
    2,
  );
  expect([names(1), names(4), names(5)]).toEqual([3, 1, 1]);
  expect([4, 5].map((n) => served(dir, `1/${n}`))).toEqual([target(4), target(5)]);
});

it('takes over links and folders as an earlier release made them', async () => {
  const dir = makeTempDir();
  await (await opened(dir)).change([['/a', TWO]], [], 1);
  for (const [name, descriptor] of [
    ['one', ONE],
    ['lab', `${ONE}/base`],
  ] as const) {
    mkdirSync(join(dir, 't', descriptor), { recursive: true });
    symlinkSync(`../../t/${descriptor}`, join(dir, 'table/1', name));
  }
  const table = await opened(dir);
  expect(Object.fromEntries(table.entries)).toEqual({ '/a': TWO, '/one': ONE, '/lab': `${ONE}/base` });
  expect([table.findDamage(), served(dir, '1/one'), served(dir, '1/lab')]).toEqual([undefined, ONE, `${ONE}/base`]);
});

it('keeps the folder of a target when that of one with the same address and a path goes', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const dir = makeTempDir();
  const table = await opened(dir);
  await table.change(Object.entries({ '/user/ada': ONE, '/lab': `${ONE}/base`, '/old': `${TWO}/base` }), [], 1);
  await table.change([], ['/lab', '/old'], 2);
  vi.advanceTimersByTime(2_000);
  await table.change(Object.entries({ '/user/bob': ONE }), [], 3);
  expect([served(dir, '2/user/ada'), served(dir, '2/user/bob')]).toEqual([ONE, ONE]);
  expect(existsSync(join(dir, 't', TWO))).toBe(false);
});

it("keeps the folder of the error target when a route's target was the same and goes", async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const dir = makeTempDir();
  const table = await opened(dir);
  new Links(dir).point('e', ONE);
  await table.change([['/', ONE]], [], 1);
  await table.change([], ['/'], 2);
  vi.advanceTimersByTime(2_000);
  await table.change([], [], 3);
  expect(existsSync(join(dir, 'e'))).toBe(true);
});

it('replaces everything by one link, and keeps what was there for requests under way', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const dir = makeTempDir();
  const table = await opened(dir);
  await table.change(Object.entries({ '/user/ada': ONE, '/user/bob': TWO }), [], 1);
  const old = join(dir, readlinkSync(join(dir, 'table')));
  await table.replace(new Map([['/user/ada', THREE]]), 2);
  expect([served(dir, '2/user/ada'), served(dir, '2/user/bob')]).toEqual([THREE, undefined]);
  expect(fs.realpathSync(join(old, '2/user/bob'))).toBe(join(fs.realpathSync(dir), 't', TWO));
  vi.advanceTimersByTime(1_000);
  vi.useRealTimers();
  await until(() => !existsSync(old), { what: 'the old table to go' });
});

it('removes the folder of a target a moment after the last link to it, not before', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const dir = makeTempDir();
  const table = await opened(dir);
  await table.change([['/a', ONE]], [], 1);
  await table.change([], ['/a'], 2);
  await table.change([], [], 3);
  expect(existsSync(join(dir, 't', ONE))).toBe(true);
  vi.advanceTimersByTime(1_000);
  await table.change([['/b', TWO]], [], 4);
  expect([existsSync(join(dir, 't', ONE)), existsSync(join(dir, 't', TWO))]).toEqual([false, true]);
});

it('a replacement that fails midway leaves the old table, whole', async () => {
  const dir = makeTempDir();
  const table = await opened(dir);
  await table.change([['/user/ada', ONE]], [], 1);
  // No folder can be made of that name.
  writeFileSync(join(dir, 'p'), '');
  const wanted = new Map([
    ['/user/ada', TWO],
    ['/user/bob', THREE],
  ]);
  const before = readdirSync(dir);
  await expect(table.replace(wanted, 2)).rejects.toMatchObject({
    keys: ['/user/bob'],
    cause: { code: expect.stringMatching(/ENOTDIR|EEXIST/) },
  });
  expect([served(dir, '2/user/ada'), generationIn(dir)]).toEqual([ONE, ['=1']]);
  expect(readdirSync(dir)).toEqual(before);
  expect(Object.fromEntries(table.entries)).toEqual({ '/user/ada': ONE });
  expect(table.findDamage()).toBeUndefined();
  rmSync(join(dir, 'p'));
  await table.replace(wanted, 2);
  expect([served(dir, '2/user/ada'), served(dir, '2/user/bob')]).toEqual([TWO, THREE]);
});

describe('what somebody did to it', () => {
  it.each<[name: string, meddle: (dir: string) => void]>([
    ['a link was removed', (dir) => unlinkSync(join(dir, 'table/2/user/ada'))],
    [
      'a link was changed',
      (dir) => {
        unlinkSync(join(dir, 'table/2/user/ada'));
        symlinkSync('../../../t/none', join(dir, 'table/2/user/ada'));
      },
    ],
    ['the folder that it leads to was removed', (dir) => rmSync(join(dir, 't', ONE), { recursive: true })],
    ['the whole table was removed', (dir) => rmSync(join(dir, 'table'))],
  ])('is found, and mended: %s', async (_, meddle) => {
    const dir = makeTempDir();
    const table = await opened(dir);
    const wanted = new Map([['/user/ada', ONE]]);
    await table.replace(wanted, 1);
    expect(table.findDamage()).toBeUndefined();
    meddle(dir);
    expect(table.findDamage() ?? table.findDamage()).toMatch(/somebody changed the link of \/user\/ada/);
    await table.open();
    await table.replace(wanted, 2);
    expect([table.findDamage(), table.findDamage()]).toEqual([undefined, undefined]);
    expect(served(dir, '2/user/ada')).toBe(ONE);
  });

  it('looks at others each time, at all of a large table in the end', async () => {
    const dir = makeTempDir();
    const table = await opened(dir);
    await table.replace(new Map(Array.from({ length: 100 }, (_, i) => [`/user/u${i}`, ONE])), 1);
    unlinkSync(join(dir, 'table/2/user/u99'));
    const looks = Array.from({ length: 5 }, () => table.findDamage());
    expect(looks.filter((found) => found !== undefined)).toEqual([expect.stringContaining('/user/u99')]);
  });

  it.each<[name: string, put: (tree: string) => void]>([
    ['a file', (tree) => writeFileSync(join(tree, '2/user/file'), 'text')],
    ['a link that is not ours', (tree) => symlinkSync('/etc', join(tree, '2/user/link'))],
    ['a folder where a link belongs', (tree) => mkdirSync(join(tree, '2/user/folder/below'), { recursive: true })],
    ['a file in place of a depth', (tree) => writeFileSync(join(tree, '3'), 'text')],
    ['a link of ours at the wrong depth', (tree) => symlinkSync(`../../../t/${TWO}`, join(tree, '1/user'))],
    [
      'a link of ours too far down',
      (tree) => {
        mkdirSync(join(tree, '2/a/b'), { recursive: true });
        symlinkSync(`../../../../t/${TWO}`, join(tree, '2/a/b/c'));
      },
    ],
  ])('is no route, and is removed: %s', async (_, put) => {
    const dir = makeTempDir();
    const first = await opened(dir);
    await first.change(Object.entries({ '/user/ada': ONE, '/hub': TWO }), [], 1);
    put(fs.realpathSync(join(dir, 'table')));
    const table = await opened(dir);
    const wanted = { '/user/ada': ONE, '/hub': TWO, '/a/b/c': TWO };
    const changed = Object.entries(wanted).filter(([key, descriptor]) => table.entries.get(key) !== descriptor);
    const gone = [...table.entries.keys()].filter((key) => !Object.hasOwn(wanted, key));
    await table.change(changed, gone, 2);
    expect([table.findDamage(), table.findDamage()]).toEqual([undefined, undefined]);
    expect(links(fs.realpathSync(join(dir, 'table')))).toEqual(['0/-', '1/hub', '2/user/ada', '3/a/b/c']);
  });

  it('a link in place of a depth is not followed: what lies there is not ours', async () => {
    const dir = makeTempDir();
    const elsewhere = makeTempDir();
    writeFileSync(join(elsewhere, 'precious'), 'text');
    await opened(dir);
    symlinkSync(elsewhere, join(fs.realpathSync(join(dir, 'table')), '7'));
    await opened(dir);
    expect(readFileSync(join(elsewhere, 'precious'), 'utf8')).toBe('text');
    expect(existsSync(join(dir, 'table/7'))).toBe(false);
  });
});

/** Everything below a table that is neither a folder nor the generation. */
function links(tree: string, below = ''): string[] {
  return readdirSync(join(tree, below))
    .flatMap((name) => {
      const path = join(below, name);
      return lstatSync(join(tree, path)).isDirectory() ? links(tree, path) : [path];
    })
    .filter((path) => !path.startsWith('g/'))
    .sort();
}

describe('a daemon that is killed between any two steps', () => {
  const STEPS = [
    'symlinkSync',
    'linkSync',
    'openSync',
    'renameSync',
    'mkdirSync',
    'rmdirSync',
    'unlinkSync',
    'rmSync',
    'writeFileSync',
  ] as const;

  /** From the `last`th change to the disk on nothing is done any more. False when there were not so many. */
  async function killedAfter(last: number, work: () => Promise<void>): Promise<boolean> {
    let steps = 0;
    for (const name of STEPS) {
      const real = fs[name] as (...args: unknown[]) => unknown;
      vi.spyOn(fs, name as 'rmSync').mockImplementation((...args: unknown[]) => {
        if (steps++ >= last) throw Object.assign(new Error('killed'), { code: 'EKILLED' });
        return real(...args);
      });
    }
    syncBuiltinESMExports();
    const outcome = await work().then(
      () => undefined,
      (error: Error) => error.message,
    );
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect(outcome ?? 'killed').toMatch(/^killed$|cannot be made$/);
    return steps > last;
  }

  const before = { '/': ONE, '/user/ada': ONE, '/user/bob': TWO, '/a/b/c': THREE };
  const after = { '/': TWO, '/user/ada': THREE, '/user/cid': 'http/127.0.0.1:4', '/hub': ONE };
  const works = {
    change: (table: LiveTable) => table.change(Object.entries(after), ['/user/bob', '/a/b/c'], 2),
    replace: (table: LiveTable) => table.replace(new Map(Object.entries(after)), 2),
  };

  it.each(['change', 'replace'] as const)(
    'finds each route as it was or as it should be, and goes on: %s',
    async (work) => {
      let rounds = 0;
      for (let cut = 0; ; cut++) {
        const dir = makeTempDir();
        await (await opened(dir)).change(Object.entries(before), [], 1);
        const table = await opened(dir);
        const wasCut = await killedAfter(cut, () => works[work](table));

        const next = await opened(dir);
        for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
          const allowed = [before, after].map((routes) => (routes as Record<string, string>)[key]);
          expect(allowed, `${key} after ${cut} steps`).toContain(next.entries.get(key));
        }
        const all = Array.from({ length: 3 }, () => next.findDamage());
        expect(all, `after ${cut} steps`).toEqual([undefined, undefined, undefined]);
        if (work === 'replace') expect([before, after]).toContainEqual(Object.fromEntries(next.entries));
        // The generation says no more than is true.
        if (generationIn(dir).includes('=2')) expect(Object.fromEntries(next.entries)).toEqual(after);
        const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
        await next.change(Object.entries(after), gone, 3);
        const tree = fs.realpathSync(join(dir, 'table'));
        expect(links(tree)).toEqual(['0/-', '1/hub', '2/user/ada', '2/user/cid']);
        expect(readdirSync(dir).filter((name) => name.startsWith('table'))).toEqual([
          'table',
          tree.slice(dirname(tree).length + 1),
        ]);
        rounds++;
        if (!wasCut) break;
      }
      expect(rounds).toBeGreaterThan(10);
    },
  );
});

describe('a live table with links that can not be made', () => {
  async function scene() {
    const run = join(makeTempDir(), 'run');
    const table = new LiveTable(run);
    await table.open();
    await table.change([['/user/ada', ONE]], [], 1);
    // Somebody put folders where links belong.
    for (const name of ['bob', 'eve']) mkdirSync(join(run, 'table-1/2/user', name));
    return table;
  }

  it('names all of them, and sets and removes the others', async () => {
    const table = await scene();
    const set: [string, string][] = ['/user/bob', '/user/eve', '/user/cid'].map((key) => [key, TWO]);
    await expect(table.change(set, ['/user/ada'], 2)).rejects.toMatchObject({
      code: 'ROUTES_REFUSED',
      keys: ['/user/bob', '/user/eve'],
      cause: { code: 'EISDIR' },
    });
    expect([...table.entries.keys()]).toEqual(['/user/cid']);
  });

  it('is replaced whole or not at all', async () => {
    const table = await scene();
    const long = `/${Array.from({ length: 17 }, () => 'x'.repeat(250)).join('/')}`;
    const wanted = new Map(['/user/cid', long].map((key) => [key, TWO]));
    await expect(table.replace(wanted, 2)).rejects.toMatchObject({
      code: 'ROUTES_REFUSED',
      keys: [long],
      cause: { code: 'ENAMETOOLONG' },
    });
    expect([...table.entries.keys()]).toEqual(['/user/ada']);
    wanted.delete(long);
    await table.replace(wanted, 2);
    expect([...table.entries.keys()]).toEqual(['/user/cid']);
  });
});

describeIf(!noSmallDisk, noSmallDisk ?? '', 'a live table without free inodes', () => {
  async function scene() {
    const disk = mountSmallDisk();
    const table = new LiveTable(join(disk.path, 'run'));
    await table.open();
    const [one, two] = ['http/127.0.0.1:1', 'http/127.0.0.1:2'];
    await table.change(Object.entries({ '/user/ada': one, '/user/bob': two }), [], 1);
    disk.leaveInodes(0);
    const onDisk = async () => {
      const again = new LiveTable(join(disk.path, 'run'));
      await again.open();
      return Object.fromEntries(again.entries);
    };
    return { disk, table, one, two, onDisk };
  }

  it('takes a route with what the end of another frees', async () => {
    const { table, one, two, onDisk } = await scene();
    await table.change([['/user/cid', two]], ['/user/bob'], 2);
    expect(await onDisk()).toEqual({ '/user/ada': one, '/user/cid': two });
  });

  it('sets what needs no more room than others leave, though deeper ones have to wait', async () => {
    const { table, two, onDisk } = await scene();
    const set: [string, string][] = ['/a/b/c/d', '/user/cid'].map((key) => [key, two]);
    const change = table.change(set, ['/user/ada'], 2);
    await expect(change).rejects.toMatchObject({ code: 'ROUTES_NOT_NOW', keys: ['/a/b/c/d'] });
    expect(await onDisk()).toEqual({ '/user/bob': two, '/user/cid': two });
  });

  it('ends routes though it can take no new one, and takes that when there is room', async () => {
    const { disk, table, one, onDisk } = await scene();
    const change = () => table.change([['/a/b/c/d', one]], ['/user/bob'], 2);
    await expect(change()).rejects.toMatchObject({
      code: 'ROUTES_NOT_NOW',
      keys: ['/a/b/c/d'],
      cause: { code: 'ENOSPC' },
    });
    expect(table.entries.has('/user/bob')).toBe(false);
    disk.makeRoom();
    await change();
    expect(await onDisk()).toEqual({ '/user/ada': one, '/a/b/c/d': one });
  });
});
