import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../cleanup.ts';
import { makeTempDir } from '../tmp.ts';

/** A file system of its own that runs out of room when a test says so: ENOSPC and short writes are the kernel's. */
export interface SmallDisk {
  /** Its root, through which other users may pass. */
  readonly path: string;
  /** Takes all room but this. */
  leaveBytes(bytes: number): void;
  /** Takes all inodes but so many. */
  leaveInodes(count: number): void;
  /** Gives back what was taken. */
  makeRoom(): void;
}

/** Why there can be none here; undefined where there can. Goes into the reason of a test that is skipped. */
export const noSmallDisk = whyNone();

/** Mounts a tmpfs until the end of the test file; `size` in bytes. */
export function mountSmallDisk({ size = 8 << 20, inodes = 2_000 } = {}): SmallDisk {
  const path = join(makeTempDir(), 'small');
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},nr_inodes=${inodes},mode=0711`, 'tmpfs', path]);
  // Lazily: a proxy that is about to end may still have a log open there.
  onCleanup(() => execFileSync('umount', ['--lazy', path]));
  const ballast = join(path, '.ballast');
  mkdirSync(ballast);
  let files = 0;
  return {
    path,
    leaveBytes(bytes) {
      const { bavail, bsize } = statfsSync(path);
      const blocks = bavail - Math.floor(bytes / bsize);
      // Its own inode and folder entry take no block on a tmpfs.
      if (blocks > 0) appendFileSync(join(ballast, 'bytes'), Buffer.alloc(blocks * bsize));
    },
    leaveInodes(count) {
      for (let left = statfsSync(path).ffree; left > count; left--) writeFileSync(join(ballast, `${++files}`), '');
    },
    makeRoom() {
      for (const name of ['bytes', ...Array.from({ length: files }, (_, index) => `${index + 1}`)]) {
        rmSync(join(ballast, name), { force: true });
      }
      files = 0;
    },
  };
}

function whyNone(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount a small disk';
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'a small disk cannot be mounted here';
  }
}
