import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replaceFile } from '../../../src/system/files.ts';
import { describeIf } from '../../support/skip.ts';
import { mountSmallDisk, noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';

const TEXT = 'a line of a configuration\n'.repeat(20_000);

it('writes a file with exactly the mode that is asked for', () => {
  const path = join(makeTempDir(), 'file');
  replaceFile(path, 'text', 0o644);
  expect(readFileSync(path, 'utf8')).toBe('text');
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

it('leaves a file alone that has the text and the mode already', () => {
  const path = join(makeTempDir(), 'file');
  replaceFile(path, TEXT);
  const { ino } = statSync(path);
  replaceFile(path, TEXT);
  expect(statSync(path).ino).toBe(ino);
  chmodSync(path, 0o644);
  replaceFile(path, TEXT);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('replaces a link by a file, and leaves what it led to as it is', () => {
  const dir = makeTempDir();
  writeFileSync(join(dir, 'other'), 'text');
  const path = join(dir, 'file');
  symlinkSync('other', path);
  replaceFile(path, 'text');
  expect(lstatSync(path).isFile()).toBe(true);
});

it('says which file could not be written', () => {
  const dir = makeTempDir();
  mkdirSync(join(dir, 'folder'));
  expect(() => replaceFile(join(dir, 'folder'), 'text')).toThrow(join(dir, 'folder'));
});

describeIf(!noSmallDisk, noSmallDisk ?? '', 'a disk that gets full', () => {
  it.each([0, 4096, 100_000, 500_000])('never has half a file in place: %i bytes are free', (free) => {
    const disk = mountSmallDisk();
    const path = join(disk.path, 'file');
    writeFileSync(path, 'old');
    disk.leaveBytes(free);
    expect(() => replaceFile(path, TEXT)).toThrow(`ENOSPC: no space left on device, write '${path}'`);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(disk.path)).toEqual(['.ballast', 'file']);
    disk.makeRoom();
    replaceFile(path, TEXT);
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
  });

  it('needs no room and no inode for what is there already', () => {
    const disk = mountSmallDisk();
    const path = join(disk.path, 'same');
    replaceFile(path, TEXT);
    disk.leaveBytes(0);
    disk.leaveInodes(0);
    replaceFile(path, TEXT);
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
  });
});
