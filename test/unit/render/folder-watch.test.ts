import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { watchFolder } from '../../../src/render/folder-watch.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

const log = { info() {}, warn() {}, error() {} };
let close = () => {};
afterEach(() => close());

/** Counts how often it was told; resolves when the watch has begun, which is told once as well. */
async function watched(folder: string, options: { quiet?: number; atMost?: number } = {}) {
  const told: number[] = [];
  ({ close } = watchFolder(folder, () => told.push(Date.now()), { log, quiet: 60, ...options }));
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
  const { count, first } = await watched(folder, { quiet: 500, atMost: 300 });
  const began = Date.now();
  const timer = setInterval(() => writeFileSync(join(folder, 'busy'), String(Math.random())), 20);
  await until(() => count() > 0, { what: 'the change' }).finally(() => clearInterval(timer));
  expect(first() - began).toBeLessThan(5_000);
});

it('sees a folder that is made later, and made again', async () => {
  const folder = join(makeTempDir(), 'templates');
  const { count } = await watched(folder);
  for (const round of [1, 2]) {
    mkdirSync(join(folder, 'nginx'), { recursive: true });
    writeFileSync(join(folder, 'nginx/a.conf'), 'x');
    await until(() => count() >= 2 * round - 1, { what: 'the new folder' });
    rmSync(folder, { recursive: true });
    await until(() => count() >= 2 * round, { what: 'its end' });
  }
});
