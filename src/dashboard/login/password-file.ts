import { readFileSync, statSync } from 'node:fs';
import { readFailure } from '../../config/read-file.ts';
import { SignalboxError } from '../../errors.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';

/** Someone who may sign in. */
export interface Account {
  readonly name: string;
  readonly mayOperate: boolean;
  readonly hash: PasswordHash;
  /** The line, by which a change of it shows. */
  readonly line: string;
}

/** Reads lines `NAME:operate:HASH` and `NAME:view:HASH`; empty ones and those with `#` in front say nothing. */
export function parseAccounts(text: string): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name = '', right, hashed = ''] = /^([^:]+):(operate|view):(\S+)\s*$/.exec(line) ?? [];
    const hash = parsePasswordHash(hashed);
    // The line itself is not shown: it may hold a password.
    if (hash === undefined) throw bad(`line ${index + 1} is not NAME:operate:HASH or NAME:view:HASH`);
    if (accounts.has(name)) throw bad(`line ${index + 1} has a name that is there already`);
    accounts.set(name, { name, mayOperate: right === 'operate', hash, line });
  }
  if (accounts.size === 0) throw bad('nobody is in it');
  return accounts;
}

/** The accounts of a file, read again when it has changed. */
export class PasswordFile {
  readonly #path: string;
  #accounts: ReadonlyMap<string, Account> = new Map();
  #state = '';

  /** Throws BAD_CONFIG. */
  constructor(path: string) {
    this.#path = path;
    this.#read();
  }

  /** Is it readable by every user of this machine? */
  get isOpen(): boolean {
    return (statSync(this.#path).mode & 0o004) !== 0;
  }

  /** Throws BAD_CONFIG: while the file is wrong nobody signs in, rather than one who was taken out. */
  account(name: string): Account | undefined {
    this.#read();
    return this.#accounts.get(name);
  }

  #read(): void {
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#path);
      const state = [mtimeMs, ctimeMs, size, ino].join();
      if (state === this.#state) return;
      this.#accounts = parseAccounts(readFileSync(this.#path, 'utf8'));
      this.#state = state;
    } catch (error) {
      throw error instanceof SignalboxError ? error : bad(`it can't be read: ${readFailure(error)}`);
    }
  }
}

function bad(message: string): SignalboxError {
  return new SignalboxError('BAD_CONFIG', `--password-file: ${message}`, {
    hint: 'signalbox dashboard --hash-password makes the hash of a line.',
  });
}
