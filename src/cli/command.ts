/** What a command may touch of the process; replaced in tests. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
}

/** One command: its own file, with its help beside its code. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The exit code for a wrong command line, where it isn't the usual one. */
  readonly usageExitCode?: number;
  /** All of `signalbox NAME --help`; a function, because it may be long to make. */
  help(): string;
  /** Resolves to the exit code; throws a SignalboxError for what a user can mend. */
  run(argv: readonly string[], io: Io): Promise<number>;
}
