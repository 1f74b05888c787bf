import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pathsOf, writeCopies } from '../../../src/proxies/pem-copies.ts';
import { makeTempDir } from '../../support/tmp.ts';

it('has a file for each text, for its owner alone, and removes one that is not named any more', () => {
  const folder = join(makeTempDir(), 'pem');
  const copies = (ca: string | undefined) => ({ pair: ['pair.pem', 'KEY'], ca: ['ca.pem', ca] }) as const;
  expect(pathsOf(copies('CA'), folder)).toEqual({ pair: join(folder, 'pair.pem'), ca: join(folder, 'ca.pem') });
  writeCopies(copies('CA'), folder);
  expect(readFileSync(join(folder, 'pair.pem'), 'utf8')).toBe('KEY');
  expect([folder, join(folder, 'pair.pem')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  expect(pathsOf(copies(undefined), folder).ca).toBeNull();
  writeCopies(copies(undefined), folder);
  expect(readdirSync(folder)).toEqual(['pair.pem']);
});
