import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = resolve(fileURLToPath(import.meta.url), '../../..');
/** Where programs are kept that only tests and the demo need; git-ignored. */
export const tools = join(root, '.tools');

/** A reason that is meant for a person as it stands: printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs a program without a shell, with its output captured. Never rejects: a program that isn't there is `ok: false` too.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, { cwd = root, env = process.env, timeout = 300_000 } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => done({ ok: false, output: error.message }));
    child.on('close', (code) => done({ ok: code === 0, output }));
  });
}

/** The last lines that say something, in one line. */
export function lastLines(/** @type {string} */ text, count = 3) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join(' / ').trim();
}

// Where nginx often lies without being on a user's PATH: Debian's PATH leaves out sbin for users, macOS's leaves out Homebrew.
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** @returns {string | undefined} the absolute path of a program. */
export function which(/** @type {string} */ name) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...elsewhere]) {
    if (folder === '') continue;
    const path = resolve(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
