import { renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { SignalboxError } from '../errors.ts';
import type { AccessLog } from '../proxies/driver.ts';
import type { Tail } from './tail.ts';

/** Between two signals to a proxy that goes on writing into the file that was moved away. */
const AGAIN_MS = 10_000;

/** A log that is ours to look after. */
export type OwnLog = Pick<AccessLog, 'path' | 'reopen'> & { readonly make: () => void };

/**
 * Keeps a log small: moves it away when it has reached a size, has the proxy open a new one, and removes the old one when it was read
 * to its end and that is stored. There is never more than one old file, so the disk holds at most twice the size, and what is
 * written while the old one is still read. When somebody else deleted, moved or replaced the log, the proxy opens a new one too.
 */
export class Rotation {
  readonly #log: OwnLog;
  readonly #maxBytes: number;
  #signalled = Number.NEGATIVE_INFINITY;
  #inPlace: boolean;

  constructor(log: OwnLog, maxBytes: number) {
    this.#log = log;
    this.#maxBytes = maxBytes;
    this.#inPlace = log.reopen === undefined;
  }

  /** Does the one step that is due. `storedInode`: the file that the stored cursor means. */
  step(tail: Tail, storedInode: number | undefined, now = Date.now()): void {
    const { path } = this.#log;
    const old = `${path}.1`;
    if (this.#inPlace && tail.isAstray) this.#complain();
    if (!tail.isSettled) {
      const isDue = sizeOf(path) === undefined || now - this.#signalled >= AGAIN_MS;
      if (!this.#inPlace && isDue) this.#renew(now);
    } else if (sizeOf(old) !== undefined) {
      if (tail.cursor?.inode === storedInode) rmSync(old);
    } else if ((sizeOf(path) ?? 0) >= this.#maxBytes) {
      if (this.#inPlace) empty(path, tail);
      else this.#moveAway(path, old, now);
    }
  }

  #moveAway(path: string, old: string, now: number): void {
    renameSync(path, old);
    this.#renew(now);
    if (this.#inPlace) renameSync(old, path);
  }

  /** On a full disk the proxy goes on writing into the old file until there is room. */
  #renew(now: number): void {
    const { make, reopen } = this.#log;
    this.#signalled = now;
    make();
    try {
      reopen?.();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      // A proxy of another user, who does not take our signals.
      this.#inPlace = true;
    }
  }

  #complain(): never {
    this.#log.make();
    throw new SignalboxError(
      'INTERNAL',
      'it was deleted or replaced, and the proxy may still write into the old file, which is lost to the next start and never gets ' +
        'smaller: have the proxy open its logs anew (nginx -s reopen)',
    );
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
