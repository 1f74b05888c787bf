import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { SignalboxError } from '../../errors.ts';
import type { Io } from '../command.ts';

/** A new password, typed on a terminal without being shown, or piped in. */
export async function askPassword(io: Io): Promise<string> {
  const password = process.stdin.isTTY ? await ask(io) : ((await io.stdin?.()) ?? '').replace(/\r?\n$/, '');
  if (password.length < 8) throw new SignalboxError('BAD_CONFIG', 'a password has 8 characters or more');
  return password;
}

async function ask(io: Io): Promise<string> {
  io.err('Password: ');
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    io.err('\n');
  }
}
