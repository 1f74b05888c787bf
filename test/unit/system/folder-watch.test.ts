import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { watchFolder } from '../../../src/system/watch.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { describeIf } from '../../support/skip.ts';
import { noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

let close = () => {};
afterEach(() => close());

/** Counts how often it was told; resolves when the watch has begun, which is told once as well. */
async function watched(folder: string, options: { interval?: number; atMost?: number } = {}) {
  const told: number[] = [];
  close = watchFolder(folder, () => told.push(Date.now()), { interval: 60, ...options });
  await until(() => told.length === 1, { what: 'the watch to begin' });
  return { count: () => told.length - 1, first: () => told[1] ?? Number.NaN };
}

it('tells once of many steps', async () => {
  const folder = makeTempDir();
  mkdirSync(join(folder, 'nginx/snippets'), { recursive: true });
  const { count } = await watched(folder);
  const file = join(folder, 'nginx/snippets/a.conf');
  writeFileSync(join(folder, 'nginx/snippets/4913'), '');
  rmSync(join(folder, 'nginx/snippets/4913'));
  writeFileSync(`${file}.new`, 'new');
  renameSync(`${file}.new`, file);
  writeFileSync(file, 'newer');
  await until(() => count() === 1, { what: 'the change' });
  // One more, which is told after all that the first may have left behind.
  writeFileSync(file, 'newest');
  await until(() => count() === 2, { what: 'the second change' });
});

it('tells in time of a folder that never comes to rest', async () => {
  const folder = makeTempDir();
  const { count, first } = await watched(folder, { atMost: 300 });
  const began = Date.now();
  const timer = setInterval(() => writeFileSync(join(folder, 'busy'), String(Math.random())), 5);
  await until(() => count() > 0, { what: 'the change' }).finally(() => clearInterval(timer));
  expect(first() - began).toBeLessThan(5_000);
});

it('says nothing of what is hidden', async () => {
  const folder = makeTempDir();
  const { count } = await watched(folder);
  writeFileSync(join(folder, '.a.conf.swp'), 'x');
  writeFileSync(join(folder, 'a.conf'), 'x');
  await until(() => count() > 0, { what: 'the change' });
  expect(count()).toBe(1);
});

it('tells again of a change that could not be taken up', async () => {
  const folder = makeTempDir();
  let tries = 0;
  const take = () => {
    if (++tries < 3) throw new Error('no room');
  };
  close = watchFolder(folder, take, { interval: 20 });
  await until(() => tries === 3, { what: 'another try' });
});

/** Makes the text of `nginx/a.conf` in the watched folder another one. */
type Swap = (root: string) => void;

describe('sees another text, and a later change in it, when', () => {
  const write = (root: string, folder: string, text: string) => {
    mkdirSync(join(root, folder, 'nginx'), { recursive: true });
    writeFileSync(join(root, folder, 'nginx/a.conf'), text);
  };
  /** A link is switched in one step. */
  const link = (root: string, name: string, to: string) => {
    rmSync(join(root, 'new-link'), { force: true });
    symlinkSync(to, join(root, 'new-link'));
    renameSync(join(root, 'new-link'), join(root, name));
  };

  it.each<[name: string, folder: string, before: Swap, swap: Swap]>([
    [
      'the folder is a link that is switched',
      'current',
      (root) => {
        write(root, 'one', '1');
        link(root, 'current', 'one');
      },
      (root) => {
        write(root, 'two', '2');
        link(root, 'current', 'two');
      },
    ],
    [
      'a folder above is a link that is switched',
      'current/etc',
      (root) => {
        write(root, 'one/etc', '1');
        link(root, 'current', 'one');
      },
      (root) => {
        write(root, 'two/etc', '2');
        link(root, 'current', 'two');
      },
    ],
    [
      'it is renamed and another one takes its place',
      'templates',
      (root) => write(root, 'templates', '1'),
      (root) => {
        write(root, 'next', '2');
        renameSync(join(root, 'templates'), join(root, 'old'));
        renameSync(join(root, 'next'), join(root, 'templates'));
      },
    ],
    [
      'a folder in it is renamed and replaced',
      'templates',
      (root) => write(root, 'templates', '1'),
      (root) => {
        write(root, 'next', '2');
        renameSync(join(root, 'templates/nginx'), join(root, 'templates/old'));
        renameSync(join(root, 'next/nginx'), join(root, 'templates/nginx'));
      },
    ],
    [
      'it is made late, below a folder that is not there either',
      'deep/down/templates',
      () => {},
      (root) => write(root, 'deep/down/templates', '2'),
    ],
    [
      'all of it is copied over, with the time of the original',
      'templates',
      (root) => write(root, 'templates', '1'),
      (root) => {
        write(root, 'next', '2');
        cpSync(join(root, 'next'), join(root, 'templates'), { recursive: true, preserveTimestamps: true });
      },
    ],
    [
      'a Kubernetes ConfigMap is renewed',
      'templates',
      (root) => {
        write(root, 'templates/..1', '1');
        link(root, 'templates/..data', '..1');
        symlinkSync('..data/nginx', join(root, 'templates/nginx'));
      },
      (root) => {
        write(root, 'templates/..2', '2');
        link(root, 'templates/..data', '..2');
      },
    ],
  ])('%s', async (_, name, before, swap) => {
    const root = makeTempDir();
    before(root);
    const folder = join(root, name);
    const { count } = await watched(folder);
    swap(root);
    await until(() => count() === 1, { what: 'the swap' });
    writeFileSync(join(folder, 'nginx/a.conf'), 'edited');
    await until(() => count() === 2, { what: 'the change after it' });
  });

  it('it is removed, and made again after a while', async () => {
    const root = makeTempDir();
    write(root, 'templates', '1');
    const { count } = await watched(join(root, 'templates'));
    for (const round of [1, 2]) {
      rmSync(join(root, 'templates'), { recursive: true });
      await until(() => count() === 2 * round - 1, { what: 'its end' });
      write(root, 'templates', '1');
      await until(() => count() === 2 * round, { what: 'the new one' });
    }
  });

  describeIf(!noSmallDisk, noSmallDisk ?? '', 'by root', () => {
    it('another folder is mounted over it', async () => {
      const root = makeTempDir();
      for (const name of ['templates', 'next']) write(root, name, name);
      const folder = join(root, 'templates');
      const { count } = await watched(folder);
      execFileSync('mount', ['--bind', join(root, 'next'), folder]);
      const unmount = onCleanup(() => execFileSync('umount', [folder]));
      await until(() => count() === 1, { what: 'what is mounted' });
      await unmount();
      await until(() => count() === 2, { what: 'what was there before' });
    });
  });
});
