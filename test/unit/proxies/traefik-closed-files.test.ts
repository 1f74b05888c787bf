import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { closedFiles } from '../../../src/proxies/traefik/closed-files.ts';
import { makeTempDir } from '../../support/tmp.ts';

let dir: string;
beforeEach(() => {
  dir = makeTempDir();
});

function put(name: string, mode: number): string {
  const path = join(dir, name);
  writeFileSync(path, 'http: {}');
  chmodSync(path, mode);
  return path;
}

it('names files of configuration that not every user may read, in folders too', () => {
  mkdirSync(join(dir, 'below'));
  put('open.yml', 0o644);
  const closed = [put('a.yml', 0o640), put('b.TOML', 0o600), put('below/c.yaml', 0o600)];
  expect(closedFiles(dir).sort()).toEqual(closed.sort());
});

it('says nothing of what Traefik does not read', () => {
  put('notes.txt', 0o600);
  put('.hidden', 0o600);
  expect(closedFiles(dir)).toEqual([]);
});

it('names a folder that not every user may list, and nothing in it', () => {
  mkdirSync(join(dir, 'below'));
  put('below/a.yml', 0o600);
  chmodSync(join(dir, 'below'), 0o711);
  expect(closedFiles(dir)).toEqual([join(dir, 'below')]);
});

it('follows links to files, and none to folders, which could lead round in a circle', () => {
  chmodSync(dir, 0o755);
  const elsewhere = makeTempDir();
  writeFileSync(join(elsewhere, 'a.yml'), '', { mode: 0o600 });
  symlinkSync(join(elsewhere, 'a.yml'), join(dir, 'linked.yml'));
  symlinkSync('nowhere', join(dir, 'broken.yml'));
  symlinkSync('.', join(dir, 'round'));
  expect(closedFiles(dir)).toEqual([join(dir, 'broken.yml'), join(dir, 'linked.yml')]);
});

it('says nothing of a folder that is not there', () => {
  expect(closedFiles(join(dir, 'gone'))).toEqual([]);
});
