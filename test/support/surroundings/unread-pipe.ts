import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../cleanup.ts';
import { runProcess } from '../process.ts';
import { makeTempDir } from '../tmp.ts';

/** A pipe that programs may be given as their output, and whose reader does what the test wants. */
export interface UnreadPipe {
  /** For a shell: `command > PATH`. Opening it waits for nothing while the reader is there. */
  readonly path: string;
  /** The reader goes: the next write is EPIPE. */
  leave(): void;
  /** A reader comes (again), which stands still until it is asked to `read`. */
  enter(): void;
  /** All that waits in the pipe. */
  read(): string;
}

/** Its reader is there, and stands still. */
export async function makeUnreadPipe(): Promise<UnreadPipe> {
  const path = join(makeTempDir(), 'pipe');
  const { code, output } = await runProcess('mkfifo', [path]);
  if (code !== 0) throw new Error(`mkfifo: ${output}`);
  let fd: number | undefined;
  function leave(): void {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  }
  function enter(): void {
    fd ??= openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }
  enter();
  onCleanup(leave);
  return { path, leave, enter, read: () => (fd === undefined ? '' : readAll(fd)) };
}

function readAll(fd: number): string {
  const pieces: Buffer[] = [];
  const piece = Buffer.alloc(65_536);
  for (;;) {
    try {
      const count = readSync(fd, piece);
      if (count === 0) break;
      pieces.push(Buffer.from(piece.subarray(0, count)));
    } catch (error) {
      // Empty for now.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') break;
      throw error;
    }
  }
  return Buffer.concat(pieces).toString();
}
