import { SignalboxError } from '../errors.ts';

/** One mistake in the configuration and where it stands. */
export interface Problem {
  /** `signalbox.yaml:7:3`, `SIGNALBOX_DRIVER`, `--driver` */
  readonly place: string;
  /** The key, where the place doesn't name it already. */
  readonly key?: string | undefined;
  readonly message: string;
}

/** All that is wrong with a configuration, so that it can be mended in one go. */
export class ConfigError extends SignalboxError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], hint = 'signalbox serve --help lists every setting') {
    super('BAD_CONFIG', formatProblems(problems), { hint });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `signalbox.yaml:7:3: public: found "8000", want HOST:PORT such as 127.0.0.1:8000` */
export function formatProblem({ place, key, message }: Problem): string {
  return key === undefined ? `${place}: ${message}` : `${place}: ${key}: ${message}`;
}

/** One problem as it is, several as a list under their number. */
export function formatProblems(problems: readonly Problem[]): string {
  const lines = problems.map(formatProblem);
  if (lines.length === 1) return lines.join();
  return [`the configuration has ${lines.length} problems`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** A value for a message: quoted, control characters escaped, not endless. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
