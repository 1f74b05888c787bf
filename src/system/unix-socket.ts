import { lstatSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { SignalboxError } from '../errors.ts';
import { socketHolder } from './who-holds.ts';

/**
 * Makes the path free for a socket: one on which nobody answers is left over from a process that was killed, and is
 * removed. One on which somebody answers, and a file that is no socket, stay: `PORT_TAKEN`.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new SignalboxError('PORT_TAKEN', `${path} is there already and is no socket`, {
      hint: 'Choose another path for the socket, or move that file away.',
    });
  }
  if (await answers(path)) {
    throw new SignalboxError('PORT_TAKEN', `${socketHolder(path) ?? 'another program'} listens on the socket ${path}`, {
      hint: 'Stop that program, or choose another path for the socket.',
    });
  }
  rmSync(path, { force: true });
}

/** Everything except ECONNREFUSED and ENOENT counts as an answer: a socket that is full or not ours is in use. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

/** Runs what creates a socket, with a umask that gives it this mode at once: before a later chmod, others could connect. */
export function withSocketMode(mode: number, listen: () => void): void {
  const umask = process.umask(0o777 & ~mode);
  try {
    listen();
  } finally {
    process.umask(umask);
  }
}
