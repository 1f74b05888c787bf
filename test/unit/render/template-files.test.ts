import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ownFiles, readTemplateFiles } from '../../../src/render/template-files.ts';
import { makeTempDir } from '../../support/tmp.ts';

function folder(files: Record<string, string>): string {
  const dir = makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

const ours = folder({ 'a.conf': 'a', 'b.html': 'b', 'snippets/c.conf': '' });

it('puts the file of a user in the place of ours, in folders, too', () => {
  const files = readTemplateFiles(ours, folder({ 'snippets/c.conf': 'mine', 'new.conf': 'mine as well' }));
  expect(Object.fromEntries([...files].map(([name, { text }]) => [name, text]))).toEqual({
    'a.conf': 'a',
    'b.html': 'b',
    'new.conf': 'mine as well',
    'snippets/c.conf': 'mine',
  });
  expect(ownFiles(files)).toEqual({ 'new.conf': 'mine as well', 'snippets/c.conf': 'mine' });
});

it('takes nothing of an editor for a template', () => {
  const leftovers = ['4913', '.a.conf.swp', 'a.conf~', '#a.conf#', '.#a.conf', 'a.conf.bak', 'a.conf___jb_tmp___'];
  const own = folder(Object.fromEntries([...leftovers, '.signalbox/a.conf', 'README.md'].map((name) => [name, 'x'])));
  expect(ownFiles(readTemplateFiles(ours, own))).toEqual({});
});

it('follows links, and takes one that leads nowhere for no file', () => {
  const own = makeTempDir();
  symlinkSync(folder({ 'c.conf': 'linked' }), join(own, 'snippets'));
  symlinkSync('nowhere', join(own, 'a.conf'));
  expect(ownFiles(readTemplateFiles(ours, own))).toEqual({ 'snippets/c.conf': 'linked' });
});

it('does without a folder that is not there', () => {
  expect(ownFiles(readTemplateFiles(ours, '/nowhere/at/all'))).toEqual({});
});

it('names what cannot be read', () => {
  const own = join(folder({ nginx: 'a file' }), 'nginx');
  expect(() => readTemplateFiles(ours, own)).toThrow(/^template \S+nginx: cannot be read: ENOTDIR/);
});
