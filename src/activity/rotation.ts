import { closeSync, openSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { AccessLog } from '../proxies/driver.ts';
import type { Tail } from './tail.ts';

/** Between two signals to a proxy that goes on writing into the file that was moved away. */
const AGAIN_MS = 10_000;

/**
 * Keeps a log small: moves it away at a size, has the proxy open a new one, and removes the old one when it was read to its end
 * and how far is stored. There is never more than one old file, so the disk has at most twice the size, and what is written
 * in the seconds for which the old one is still looked at.
 */
export class Rotation {
  readonly #log: AccessLog;
  readonly #maxBytes: number;
  #signalled = 0;
  #inPlace: boolean;

  constructor(log: AccessLog, maxBytes: number) {
    this.#log = log;
    this.#maxBytes = maxBytes;
    this.#inPlace = log.reopen === undefined;
  }

  /** Does the one step that is due. `storedInode`: the file that the stored cursor means. */
  step(tail: Tail, storedInode: number | undefined, now = Date.now()): void {
    const { path } = this.#log;
    const old = `${path}.1`;
    if (sizeOf(old) !== undefined) {
      if (tail.isSettled && tail.cursor?.inode === storedInode) rmSync(old);
      else if (!sizeOf(path) && now - this.#signalled >= AGAIN_MS) this.#renew(now);
      return;
    }
    if ((sizeOf(path) ?? 0) < this.#maxBytes) return;
    if (this.#inPlace) empty(path, tail);
    else this.#moveAway(path, old, now);
  }

  #moveAway(path: string, old: string, now: number): void {
    renameSync(path, old);
    try {
      this.#renew(now);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      // A proxy of another user, who does not take our signals.
      renameSync(old, path);
      this.#inPlace = true;
    }
  }

  /** Without room on the disk the proxy stays with the old file until there is some. */
  #renew(now: number): void {
    const { path, reopen } = this.#log;
    this.#signalled = now;
    closeSync(openSync(path, 'a', 0o600));
    reopen?.();
  }
}

/** What is written between the last look and the cut is lost: a moment of microseconds. */
function empty(path: string, tail: Tail): void {
  if (tail.poll()) return;
  truncateSync(path, 0);
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
