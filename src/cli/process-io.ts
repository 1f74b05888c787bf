import { text } from 'node:stream/consumers';
import { SignalboxError } from '../errors.ts';
import type { Io } from './command.ts';

/** This process, as commands see it. */
export function processIo(): Io {
  return {
    env: process.env,
    out: (chunk) => process.stdout.write(chunk),
    err: (chunk) => process.stderr.write(chunk),
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
