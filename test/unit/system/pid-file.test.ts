import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writePidFile } from '../../../src/system/pid-file.ts';
import { makeTempDir } from '../../support/tmp.ts';

const path = join(makeTempDir(), 'pid');

it('holds the pid without a line break until it is removed', () => {
  const remove = writePidFile(path);
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid));
  remove();
  expect(existsSync(path)).toBe(false);
  remove();
});

it('is left alone when another process has written it since', () => {
  const remove = writePidFile(path);
  writeFileSync(path, '1');
  remove();
  expect(readFileSync(path, 'utf8')).toBe('1');
});

it('that cannot be written is an error with its path', () => {
  expect(() => writePidFile(join(path, 'x'))).toThrow(/pid file .*x can't be written/);
});
