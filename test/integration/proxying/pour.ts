import { once } from 'node:events';
import type { Socket } from 'node:net';

const block = Buffer.alloc(256 * 1024, 'signalbox');

/** Writes so many bytes, no faster than they are taken; ends early when the connection does. `onWrite` is told each size. */
export async function pour(socket: Socket, size: number, onWrite?: (bytes: number) => void): Promise<void> {
  const closed = once(socket, 'close').catch(() => undefined);
  for (let left = size; left > 0 && !socket.destroyed; left -= block.length) {
    const piece = block.subarray(0, left);
    onWrite?.(piece.length);
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
  }
}
