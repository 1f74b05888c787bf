import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { SignalboxError } from '../../errors.ts';

/** How long a command may take, ms. */
const COMMAND_MS = 30_000;
/** What is left of its last words, characters. */
const MOST_WORDS = 1_000;

/**
 * Runs the operator's command. It is asked nothing, is over when the shell is (what it leaves in the background may hold its
 * output), and ends with all that it started when it takes too long.
 */
export function runReloadCommand(command: string, limitMs = COMMAND_MS): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (chunk) => {
      words = (words + chunk).slice(-MOST_WORDS);
    });
    const late = setTimeout(() => {
      fail(`it did not end within ${limitMs / 1000} s`);
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, limitMs).unref();
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      if (code === 0) resolve();
      // Its last words may still be on their way.
      else setTimeout(() => fail(words.trim().split('\n').at(-1) || `it ended with ${signal ?? `status ${code}`}`), 50);
    });
    // Neither it nor what it leaves keeps the daemon from ending.
    child.unref();
    (child.stderr as Socket).unref();

    function fail(reason: string): void {
      clearTimeout(late);
      reject(
        new SignalboxError('PROXY_NOT_CONFIRMED', `the reload command failed: ${reason}`, {
          hint: 'It must end by itself and ask nothing; what it does in the background is not waited for.',
        }),
      );
    }
  });
}
