import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  makeTemporaryFolder,
  publicSideHash,
  removeTemporaryFolder,
  temporaryFolder,
} from '../../../../src/cli/chp/state-folder.ts';
import { acquireLock } from '../../../../src/store/lock.ts';
import { makeTempDir } from '../../../support/tmp.ts';

const side = (port: number, publicSocket?: string) => ({ public: { host: '*', port }, publicSocket });

describe('the temporary folder', () => {
  it('is another one for each public side and user, and the same again', () => {
    expect(temporaryFolder(side(1), 7)).toBe(temporaryFolder(side(1), 7));
    const hashes = [side(1), side(2), side(1, '/s')].map(publicSideHash);
    expect(new Set(hashes)).toHaveProperty('size', 3);
    expect(temporaryFolder(side(1), 7)).not.toBe(temporaryFolder(side(1), 8));
  });

  it('is private', () => {
    const path = join(makeTempDir(), 'state');
    expect(makeTemporaryFolder(path)).toEqual({ path, warning: undefined });
    expect(statSync(path).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
  });

  it('that a killed predecessor left is taken as it is', () => {
    const path = join(makeTempDir(), 'state');
    makeTemporaryFolder(path);
    writeFileSync(join(path, 'mark'), '');
    expect(makeTemporaryFolder(path).path).toBe(path);
    expect(existsSync(join(path, 'mark'))).toBe(true);
  });

  it.each([
    ['others may write to', (path: string) => [mkdirSync(path), chmodSync(path, 0o777)]],
    ['is a link', (path: string) => symlinkSync(makeTempDir(), path)],
    ['is a file', (path: string) => writeFileSync(path, '')],
  ])('that %s is not used', (_, make) => {
    const path = join(makeTempDir(), 'state');
    make(path);
    const made = makeTemporaryFolder(path);
    expect(made.path).toMatch(/state-.{6}$/);
    expect(made.warning).toContain('is not used');
  });

  it('is removed at the end, with all in it', () => {
    const { path } = makeTemporaryFolder(join(makeTempDir(), 'state'));
    writeFileSync(join(path, 'x'), '');
    removeTemporaryFolder(path);
    expect(existsSync(path)).toBe(false);
  });

  it('stays while another Signalbox uses it', () => {
    const { path } = makeTemporaryFolder(join(makeTempDir(), 'state'));
    const lock = acquireLock(path);
    removeTemporaryFolder(path);
    expect(existsSync(path)).toBe(true);
    lock.release();
  });
});
