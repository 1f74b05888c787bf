import { closeSync, openSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { Tail } from './tail.ts';

/** A log that is Signalbox's own, though the proxy writes it. */
export interface OwnLog {
  readonly path: string;
  /**
   * Makes the proxy open the file anew after it was moved away; false when it can't be reached just now. Undefined where that
   * is not ours to do: then the file is emptied in place.
   */
  readonly reopen: (() => boolean) | undefined;
}

/** Between two signals to a proxy that goes on writing into the file that was moved away. */
const AGAIN_MS = 10_000;

/**
 * Keeps a log small: moves it away at a size, has the proxy open a new one, and removes the old one when it was read to its end
 * and how far is stored. There is never more than one old file, so the disk has at most twice the size, and what is written
 * in the seconds for which the old one is still looked at.
 */
export class Rotation {
  readonly #log: OwnLog;
  readonly #maxBytes: number;
  #signalled = 0;

  constructor(log: OwnLog, maxBytes: number) {
    this.#log = log;
    this.#maxBytes = maxBytes;
  }

  /** Does the one step that is due. `storedInode`: the file that the stored cursor means. */
  step(tail: Tail, storedInode: number | undefined, now = Date.now()): void {
    const { path, reopen } = this.#log;
    const old = `${path}.1`;
    if (sizeOf(old) !== undefined) {
      if (tail.isSettled && tail.cursor?.inode === storedInode) rmSync(old);
      else if (!sizeOf(path) && now - this.#signalled >= AGAIN_MS) this.#renew(now);
      return;
    }
    if ((sizeOf(path) ?? 0) < this.#maxBytes) return;
    if (reopen === undefined) empty(path, tail);
    else {
      renameSync(path, old);
      this.#renew(now);
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
