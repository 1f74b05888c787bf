import { execa } from 'execa';

export interface RunOptions {
  readonly cwd?: string;
  /** All of its environment; ours unless given. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long it may take, ms; then it is killed. */
  readonly limitMs?: number;
  /**
   * It may leave processes in the background that hold its outputs open: it is over when its own process ends. When it
   * takes too long, it is killed with all that it started.
   */
  readonly leavesBehind?: boolean;
  /** Is given each line of its output, which is then not kept. */
  readonly onLine?: (line: string) => void;
}

/** What became of a program. */
export interface Ran {
  /** The end of what it printed, and of what it printed to stderr. */
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not succeed. */
  readonly failure: string | undefined;
  /** Code of the system when it could not be started, such as ENOENT. */
  readonly code: string | undefined;
}

const LIMIT_MS = 10_000;
/** Kept of each output, characters. */
const MOST_KEPT = 64 * 1024;
/** With `leavesBehind`: how long after its end the rest of its output may arrive, ms. */
const LAST_WORDS_MS = 50;

/** Runs a program to its end, without input. Never rejects: the result says how it ended. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd, env, limitMs = LIMIT_MS, leavesBehind = false, onLine } = options;
  const subprocess = execa(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, extendEnv: false }),
    stdin: 'ignore',
    reject: false,
    // Output is kept below: too much of it, or one that is still open, is no reason to fail.
    buffer: false,
    timeout: limitMs,
    killSignal: 'SIGKILL',
    killDescendants: leavesBehind,
    // execa's cleanup adds listeners for all signals and removes them later. Removing one restores the default action, and
    // SIGXFSZ, which Node.js ignores from its start, would then end the daemon.
    cleanup: false,
  });
  const kept = { stdout: '', stderr: '' };
  let line = '';
  for (const name of ['stdout', 'stderr'] as const) {
    subprocess[name].setEncoding('utf8').on('data', (text: string) => {
      if (name === 'stderr' || !onLine) {
        kept[name] = (kept[name] + text).slice(-MOST_KEPT);
        return;
      }
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) onLine(whole);
    });
  }
  if (leavesBehind) {
    subprocess.nodeChildProcess.once('exit', () => {
      setTimeout(() => {
        subprocess.stdout.destroy();
        subprocess.stderr.destroy();
      }, LAST_WORDS_MS);
    });
  }
  const result = await subprocess;
  return { ...kept, failure: result.failed ? failureOf(result, limitMs) : undefined, code: result.code };
}

interface Ended {
  readonly timedOut: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
}

function failureOf({ timedOut, exitCode, signal, originalMessage }: Ended, limitMs: number): string {
  if (timedOut) return `it did not end within ${limitMs / 1000} s`;
  if (exitCode !== undefined) return `it ended with status ${exitCode}`;
  return signal === undefined ? (originalMessage ?? 'it could not be started') : `it ended with ${signal}`;
}
