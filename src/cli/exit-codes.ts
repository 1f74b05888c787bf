import { type ErrorCode, SignalboxError } from '../errors.ts';

/** The exit codes of every command; docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  unauthorised: 4,
  notFound: 5,
  notReady: 6,
  differs: 7,
  /** That of a program which SIGPIPE ended, to the shell. */
  brokenPipe: 141,
} as const;

export type ExitName = keyof typeof EXIT;

const MEANINGS: Record<ExitName, string> = {
  ok: 'done',
  failed: 'failed; the message says why',
  usage: 'the command line or the configuration is wrong; nothing was done',
  unreachable: 'the API does not answer: connection refused, timed out, or it is not the API that answers',
  unauthorised: 'the API does not accept the token',
  notFound: 'there is no such route',
  notReady: 'the change is stored, but the proxy does not serve it yet',
  differs: 'something is different',
  brokenPipe: 'whoever read the output has gone, as `head` does',
};

/** An exit code and what it means for a command. */
export interface ExitStatus {
  readonly code: number;
  readonly meaning: string;
}

/** Exit codes by name, with words of their own where the usual ones are not enough. */
export function exits(...names: readonly (ExitName | readonly [ExitName, string])[]): ExitStatus[] {
  return names.map((entry) => {
    const [name, meaning] = typeof entry === 'string' ? [entry, MEANINGS[entry]] : entry;
    return { code: EXIT[name], meaning };
  });
}

/** What every command that asks the API may exit with. */
export const API_EXITS = exits('failed', 'usage', 'unreachable', 'unauthorised');

const EXIT_OF: Partial<Record<ErrorCode, ExitName>> = {
  BAD_CONFIG: 'usage',
  API_UNREACHABLE: 'unreachable',
  FORBIDDEN: 'unauthorised',
  NOT_IN_NAMESPACE: 'unauthorised',
  NOT_FOUND: 'notFound',
  NOT_SERVED: 'notReady',
};

/** The exit code for what a command has thrown. */
export function exitCodeOf(error: unknown): number {
  const name = error instanceof SignalboxError ? EXIT_OF[error.code] : undefined;
  return EXIT[name ?? 'failed'];
}
