import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../../src/store/lock.ts';
import { onCleanup } from '../../support/cleanup.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalbox-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the lock of a state folder', () => {
  it('is refused to a second holder, with the pid of the first and the folder', () => {
    const lock = acquireLock(dir);
    expect(() => acquireLock(dir)).toThrow(
      expect.objectContaining({
        code: 'STATE_LOCKED',
        message: `another Signalbox (pid ${process.pid}) uses the state folder ${dir}`,
        hint: expect.stringContaining('state folder of its own'),
      }),
    );
    expect(() => acquireLock(dir)).toThrow('another Signalbox');
    lock.release();
  });

  it('can be taken again once it was released, which may happen twice', () => {
    const first = acquireLock(dir);
    first.release();
    const second = acquireLock(dir);
    first.release();
    expect(() => acquireLock(dir)).toThrow('another Signalbox');
    second.release();
    expect(existsSync(join(dir, 'lock.pid'))).toBe(false);
  });

  it('is made in a private folder with private files', () => {
    const own = join(dir, 'state');
    const lock = acquireLock(own);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    expect(statSync(join(own, 'lock')).mode & 0o777).toBe(0o600);
    expect(statSync(join(own, 'lock.pid')).mode & 0o777).toBe(0o600);
    lock.release();
  });

  it('goes with its process, even by kill -9', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-child.ts'), dir], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onCleanup(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect(() => acquireLock(dir)).toThrow(`(pid ${child.pid})`);
    child.kill('SIGKILL');
    await once(child, 'close');
    acquireLock(dir).release();
  });

  it('says what is wrong with a lock file that is none', () => {
    writeFileSync(join(dir, 'lock'), 'no database'.repeat(100));
    expect(() => acquireLock(dir)).toThrow(expect.objectContaining({ code: 'STATE_UNUSABLE' }));
  });
});
