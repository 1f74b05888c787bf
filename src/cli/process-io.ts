import { text } from 'node:stream/consumers';
import { describeError, SignalboxError } from '../errors.ts';
import { writeTo } from '../observe/output.ts';
import type { Io } from './command.ts';
import { EXIT } from './exit-codes.ts';

/** This process, as commands see it. */
export function processIo(): Io {
  const [toStdout, toStderr] = [writeTo(process.stdout), writeTo(process.stderr)];
  const err = (text: string) => toStderr(text, () => {});
  let written = Promise.resolve();

  /** Ends the command: nobody can read its output. */
  function giveUp(error: Error): never {
    // `| head` has seen enough, which is no error.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(EXIT.brokenPipe);
    err(`signalbox: the output cannot be written: ${describeError(error)}\n`);
    process.exit(EXIT.failed);
  }

  return {
    env: process.env,
    out(text) {
      written = new Promise((resolve) => toStdout(text, (error) => (error ? giveUp(error) : resolve())));
    },
    err,
    flushed: () => written,
    stdin: readStdin,
    terminal: isTerminal(process.stdout.isTTY, process.env),
    get stop() {
      return untilSignal();
    },
  };
}

/** A person who forgot the name of a file would wait for ever. */
function readStdin(): Promise<string> {
  if (process.stdin.isTTY) throw new SignalboxError('BAD_CONFIG', 'FILE is missing, and nothing is piped in');
  return text(process.stdin);
}

/** https://no-color.org; a dumb terminal shows escape sequences as they are. */
export function isTerminal(isTTY: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Only for who asks: the daemon has its own way with signals. */
function untilSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
