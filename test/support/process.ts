import { type ChildProcess, spawn } from 'node:child_process';
import { onCleanup } from './cleanup.ts';
import { descendants } from './process-tree.ts';
import { until, within } from './wait.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Resolves when it has ended and all its output was read. */
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  stdout(): string;
  stderr(): string;
  /** Both, in the order in which they came. */
  output(): string;
  /** Resolves with the match; fails with the output when the process ends or the time is up first. */
  waitForOutput(pattern: RegExp, timeout?: number): Promise<RegExpExecArray>;
  kill(signal?: NodeJS.Signals): void;
  /** Signals and waits; after `timeout` it fails, and the cleanup kills. */
  stop(signal?: NodeJS.Signals, timeout?: number): Promise<Exit>;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to the environment of the test, of which nothing named `SIGNALBOX_…` is handed on; undefined takes away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In a process group of its own, out of reach of signals to the group of the test. */
  readonly detached?: boolean;
}

/** Starts a program with its output captured. What still runs of it at the end of the test file is killed, by its pid. */
export function startProcess(command: string, args: readonly string[], options: StartOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...withoutSettings(process.env), ...options.env },
    detached: options.detached ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '', output: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      texts.output += text;
    });
  }
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    // Without a program there is no exit, only this.
    child.on('error', (error) => {
      texts.output += error.message;
      exit ??= { code: null, signal: null };
      resolve(exit);
    });
    child.on('close', (code, signal) => {
      exit ??= { code, signal };
      resolve(exit);
    });
  });
  const release = onCleanup(async () => {
    // A master of nginx that is killed leaves its workers.
    const workers = child.pid === undefined ? [] : descendants(child.pid);
    child.kill('SIGKILL');
    for (const { pid } of workers) killIfThere(pid);
    // Not its output's end: a process of its own that it left behind may hold the pipe.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('exit', resolve));
    }
  });
  // A run that is broken off (Ctrl-C, a worker that vitest gives up) gets no cleanup, only this.
  const orphan = () => child.kill('SIGTERM');
  process.once('exit', orphan);
  exited.then(() => {
    process.off('exit', orphan);
    return release();
  });

  return {
    pid: child.pid ?? -1,
    process: child,
    exited,
    exit: () => exit,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    output: () => texts.output,
    async waitForOutput(pattern, timeout = 10_000) {
      const what = `${pattern} in the output of ${command}`;
      const waited = until(() => pattern.test(texts.output) || exit, { timeout, what });
      await waited.catch(() => undefined);
      const match = pattern.exec(texts.output);
      if (match) return match;
      const how = exit ? `ended (${JSON.stringify(exit)})` : `ran for ${timeout} ms`;
      throw new Error(`${command} ${how} without printing ${pattern}:\n${texts.output}`);
    },
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    stop(signal = 'SIGTERM', timeout = 10_000) {
      child.kill(signal);
      return within(timeout, `${command} to end after ${signal}`, exited);
    },
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * A daemon takes an unknown `SIGNALBOX_…` for a mistake, and a known one for a setting: those of the test run itself, and of
 * whoever runs it, are neither.
 */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSetting = (name: string) => name.startsWith('SIGNALBOX_') || name === 'CONFIGPROXY_AUTH_TOKEN';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSetting(name)));
}

/** Runs a program to its end. */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: StartOptions & { timeout?: number } = {},
): Promise<Exit & { stdout: string; stderr: string; output: string }> {
  const child = startProcess(command, args, options);
  const exit = await within(options.timeout ?? 30_000, `${command} to end`, child.exited);
  return { ...exit, stdout: child.stdout(), stderr: child.stderr(), output: child.output() };
}
