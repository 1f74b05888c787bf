import { formatProblem } from '../config/problem.ts';
import { SignalboxError } from '../errors.ts';
import type { ExitStatus } from './exit-codes.ts';
import type { Operand, Options, OptionValues } from './options.ts';
import { valuesOf } from './values.ts';
import { isProblem, readWords, type Words } from './words.ts';

/** What a command may touch of the process; replaced in tests. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Resolves when all that `out` was given is written: a pipe takes 64 KB at once. */
  flushed?(): Promise<void>;
  /** All of standard input. */
  stdin?(): Promise<string>;
  /** Is standard output a terminal that understands escape sequences? */
  readonly terminal?: boolean;
  /** Aborted when the user has seen enough (SIGINT, SIGTERM), for commands that go on until then. */
  readonly stop?: AbortSignal;
}

/** Options under a heading; the first group may do without one. */
export interface OptionGroup {
  readonly title?: string;
  readonly options: Options;
}

/** A command line worth showing. Tests run it, unless it says why not. */
export interface Example {
  readonly about: string;
  /** As typed into a shell; may have several lines. */
  readonly command: string;
  readonly notRun?: string;
}

/**
 * One command: its own file, described beside its code. Help, shell completion and docs/cli.md are made from the
 * description and from nothing else.
 */
export interface Command {
  /** The last word: `list` of `signalbox routes list`. */
  readonly name: string;
  /** One line for lists of commands. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly operands: readonly Operand[];
  readonly options: readonly OptionGroup[];
  /** Something else that help and documentation shall list. */
  readonly list?: { readonly title: string; readonly rows: readonly (readonly [name: string, about: string])[] };
  readonly exits: readonly ExitStatus[];
  /** Variables beside those that stand for options. */
  readonly environment: readonly (readonly [name: string, about: string])[];
  readonly examples: readonly Example[];
  /** Commands behind this one, such as `routes add`. */
  readonly subcommands: readonly Command[];
  /** Which of them is meant when none is named. */
  readonly defaultSubcommand?: Command;
  /** The exit code for a wrong command line, where it isn't the usual one. */
  readonly usageExitCode?: number;
  /** Resolves to the exit code; throws a SignalboxError for what a user can mend. */
  run(argv: readonly string[], io: Io): Promise<number>;
}

type Optional = 'description' | 'operands' | 'environment' | 'examples';
type Described = Pick<Command, 'name' | 'summary' | 'exits'> & Partial<Pick<Command, Optional>>;
type Rest = Partial<Pick<Command, 'usageExitCode' | 'list'>>;

/** What a command is run with. */
interface Input<O extends Options> {
  readonly options: OptionValues<O>;
  readonly operands: readonly string[];
  /** All of its words: what they say of settings, and what is wrong with them. */
  readonly words: Words;
  readonly io: Io;
}

const NOTHING = { description: [], operands: [], options: [], environment: [], examples: [], subcommands: [] } as const;

/**
 * A command with the options of its own, and the settings it takes. What is wrong with those, or is no option, it says itself,
 * together with what is wrong elsewhere in the configuration.
 */
export function defineCommand<const O extends Options>(
  described: Described &
    Rest & {
      readonly options: O;
      readonly settings?: readonly OptionGroup[];
      run(input: Input<O>): Promise<number>;
    },
): Command {
  const { options, settings = [], run, ...rest } = described;
  const groups = [{ options }, ...settings];
  const own = Object.entries(options).flatMap(([name, { short }]) => [`--${name}`, `-${short}`]);
  const all = Object.assign({}, ...groups.map((group) => group.options)) as Options;
  const command: Command = {
    ...NOTHING,
    ...rest,
    options: groups,
    async run(argv, io) {
      const words = readWords(argv, all, command.operands);
      const problems = words.options.filter(isProblem).filter(({ place }) => {
        return settings.length === 0 || own.includes(place);
      });
      if (problems.length > 0) {
        throw new SignalboxError('BAD_CONFIG', problems.map(formatProblem).join('\n'));
      }
      return run({ options: valuesOf(words, options, io.env), operands: words.operands, words, io });
    },
  };
  return command;
}

/** A word with commands behind it. Without one of them it is `fallback`. */
export function defineGroup(
  described: Omit<Described, 'exits'> & {
    readonly subcommands: readonly Command[];
    readonly fallback?: Command;
  },
): Command {
  const { fallback, ...rest } = described;
  return {
    ...NOTHING,
    ...rest,
    options: fallback?.options ?? [],
    exits: fallback?.exits ?? [],
    ...(fallback === undefined ? {} : { defaultSubcommand: fallback }),
    run: () => Promise.reject(new Error(`${described.name} runs nothing by itself`)),
  };
}
