import fs, {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { replaceFile, replaceFiles } from '../../../src/system/files.ts';
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

/** What is done to the disk, in order; `fsync` names the file or folder. */
function watchDisk(fail?: { code: string }) {
  const steps: string[] = [];
  const { renameSync, fsyncSync } = fs;
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    steps.push('rename');
    renameSync(from, to);
  });
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
    steps.push(`fsync ${path}`);
    if (fail && fs.statSync(path).isDirectory()) throw Object.assign(new Error(fail.code), fail);
    fsyncSync(fd);
  });
  syncBuiltinESMExports();
  return steps;
}

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

it('has the new name on disk as well as the text: the folder is synced after the rename', () => {
  const dir = makeTempDir();
  const steps = watchDisk();
  replaceFile(join(dir, 'file'), 'text');
  expect(steps.slice(-2)).toEqual(['rename', `fsync ${dir}`]);
});

it('replaces a file where folders cannot be synced', () => {
  const path = join(makeTempDir(), 'file');
  watchDisk({ code: 'EINVAL' });
  replaceFile(path, 'text');
  expect(readFileSync(path, 'utf8')).toBe('text');
});

it('says when the folder cannot be written to disk', () => {
  const dir = makeTempDir();
  watchDisk({ code: 'EIO' });
  expect(() => replaceFile(join(dir, 'file'), 'text')).toThrow(`EIO '${dir}'`);
});

it('replaces several files of a folder, removes those without a text, and syncs the folder once', () => {
  const dir = makeTempDir();
  replaceFile(join(dir, 'gone'), 'text');
  const steps = watchDisk();
  replaceFiles(dir, { one: '1', two: '2', gone: undefined, never: undefined }, 0o644);
  expect(steps.filter((step) => step === `fsync ${dir}`)).toHaveLength(1);
  expect(steps.at(-1)).toBe(`fsync ${dir}`);
  expect(readdirSync(dir)).toEqual(['one', 'two']);
  expect(readFileSync(join(dir, 'two'), 'utf8')).toBe('2');
  expect(statSync(join(dir, 'one')).mode & 0o777).toBe(0o644);
});

it('syncs nothing where all is as it should be', () => {
  const dir = makeTempDir();
  replaceFiles(dir, { one: '1', gone: undefined });
  const steps = watchDisk();
  replaceFiles(dir, { one: '1', gone: undefined });
  expect(steps).toEqual([]);
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
