import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, SetupError } from '../setup/run.mjs';

/**
 * @typedef {object} Result What reporter.mjs counted.
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures
 * @property {string[]} retried tests that passed at the second try
 * @property {{ name: string, tests: number, reason?: string }[]} skips
 */

/**
 * Runs vitest with its output going straight through.
 * @param {string} node @param {readonly string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Result>}
 */
export async function runVitest(node, args, env) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-result-'));
  const file = join(folder, 'result.json');
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'reporter.mjs')}`];
  try {
    const code = await execute(
      node,
      [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...args],
      { ...env, SIGNALBOX_TEST_RESULT: file },
      (vitest) => killWhenDone(vitest, file),
    );
    const result = JSON.parse(readFileSync(file, 'utf8'));
    // vitest also fails for reasons that are no test's, such as no test file found.
    return { ...result, failed: result.failed === 0 && code !== 0 ? 1 : result.failed };
  } catch (error) {
    throw new SetupError(`vitest ended without a result: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long vitest may take to end when it has the result, ms. */
const END_MS = 60_000;

/** A process that a failed test left holds vitest's pipes open, and vitest waits for it for ever. */
function killWhenDone(vitest, resultFile) {
  let doneAt;
  const timer = setInterval(() => {
    if (!existsSync(resultFile)) return;
    doneAt ??= Date.now();
    if (Date.now() - doneAt < END_MS) return;
    console.error('vitest has the result and does not end: a test has left a process behind. It is killed.');
    vitest.kill('SIGKILL');
    clearInterval(timer);
  }, 1_000);
  vitest.once('exit', () => clearInterval(timer));
}

/**
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} env
 * @param {(child: import('node:child_process').ChildProcess) => void} [onStart]
 * @returns {Promise<number>} the exit code; output goes straight through.
 */
export function execute(command, args, env, onStart = (_child) => {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    onStart(child);
    child.on('error', (error) => {
      console.error(error.message);
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}
