import type { Io } from '../../../src/cli/command.ts';
import { main } from '../../../src/cli/main.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with an environment of its own. */
export async function runCli(argv: readonly string[], env: NodeJS.ProcessEnv, more: Partial<Io> = {}) {
  const cli = startCli(argv, env, more);
  return cli.done;
}

/** The same, without waiting for its end: what it has printed so far can be looked at. */
export function startCli(argv: readonly string[], env: NodeJS.ProcessEnv, more: Partial<Io> = {}) {
  const printed = { out: '', err: '' };
  const stop = new AbortController();
  const io: Io = {
    env,
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    stop: stop.signal,
    ...more,
  };
  const done = main(argv, io).then((code): CliResult => ({ code, ...printed }));
  return { done, printed, interrupt: () => stop.abort() };
}
