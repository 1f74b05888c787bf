import fs, { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Links, readLink } from '../../../src/proxies/nginx/links.ts';
import { makeTempDir } from '../../support/tmp.ts';

let dir: string;
let links: Links;
beforeEach(() => {
  dir = makeTempDir();
  links = new Links(dir);
  links.open();
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

it('makes a link, and the folders above it, which others may pass through and not list', () => {
  links.place(join(dir, 'a/b/c'), '../../t/none');
  expect(readlinkSync(join(dir, 'a/b/c'))).toBe('../../t/none');
  expect([dir, join(dir, 'a'), join(dir, 'a/b')].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o711, 0o711, 0o711,
  ]);
});

it('leaves one alone that is as it should be: that needs no room on a full disk', () => {
  links.place(join(dir, 'a'), 'one');
  const { ino } = lstatSync(join(dir, 'a'));
  links.place(join(dir, 'a'), 'one');
  expect(lstatSync(join(dir, 'a')).ino).toBe(ino);
});

it('replaces one in one step: at no moment is there none, nor another name beside it', () => {
  links.place(join(dir, 'a/link'), 'one');
  const seen: unknown[] = [];
  for (const name of ['symlinkSync', 'renameSync', 'rmSync'] as const) {
    const real = fs[name] as (...args: unknown[]) => void;
    vi.spyOn(fs, name as 'rmSync').mockImplementation((...args: unknown[]) => {
      real(...args);
      seen.push([readLink(join(dir, 'a/link')), readdirSync(join(dir, 'a'))]);
    });
  }
  syncBuiltinESMExports();
  expect(() => links.place(join(dir, 'a/link'), 'two')).not.toThrow();
  expect(seen.at(-1)).toEqual(['two', ['link']]);
  for (const one of seen.slice(0, -1)) expect(one).toEqual(['one', ['link']]);
});

it('puts a link in the place of a file that somebody put there', () => {
  writeFileSync(join(dir, 'a'), 'text');
  links.place(join(dir, 'a'), 'one');
  expect(readLink(join(dir, 'a'))).toBe('one');
});

it('goes on with what a killed daemon left half made', () => {
  mkdirSync(join(dir, 'new/link'));
  links.open();
  links.place(join(dir, 'a'), 'one');
  links.place(join(dir, 'a'), 'two');
  expect(readLink(join(dir, 'a'))).toBe('two');
  expect(readdirSync(join(dir, 'new'))).toEqual([]);
});

it('makes what a link leads to', () => {
  links.point('e', 'http/127.0.0.1:1');
  expect(existsSync(join(dir, 'e'))).toBe(true);
  expect(readLink(join(dir, 'e'))).toBe('t/http/127.0.0.1:1');
});
