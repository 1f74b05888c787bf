import type { Command } from '../command.ts';
import type { Operand, Option } from '../options.ts';

/** A place on the command line where something can be completed: behind these words of commands. */
export interface Node {
  /** `['routes', 'add']`; none at the top. */
  readonly words: readonly string[];
  readonly commands: readonly Suggestion[];
  readonly flags: readonly Flag[];
  /** What may stand where no option does. */
  readonly operands: readonly Wanted[];
}

export interface Suggestion {
  readonly word: string;
  readonly about: string;
}

/** One spelling of an option: `--output`, `-o`, `--no-pin`. */
export interface Flag extends Suggestion {
  /** Undefined for a switch. */
  readonly wants: Wanted | undefined;
}

/** What a value is completed with; `other` when nothing is known of it. */
export type Wanted = 'file' | 'folder' | 'other' | readonly string[];

const BY_NAME: Readonly<Record<string, Wanted>> = { FILE: 'file', PATH: 'file', DIR: 'folder' };

/** Every such place, from the table that the help is made from. */
export function nodesOf(commands: readonly Command[]): Node[] {
  const help = { word: 'help', about: 'show the help of a command' };
  const top: Node = {
    words: [],
    commands: [...commands.map(suggest), help],
    flags: [HELP, { word: '--version', about: 'show the version', wants: undefined }],
    operands: [],
  };
  return [top, ...commands.flatMap((command) => nodes(command, []))];
}

const HELP: Flag = { word: '--help', about: 'show the help', wants: undefined };

function nodes(command: Command, before: readonly string[]): Node[] {
  const words = [...before, command.name];
  const node: Node = {
    words,
    commands: command.subcommands.map(suggest),
    flags: [...command.options.flatMap(({ options }) => Object.entries(options).flatMap(flags)), HELP],
    operands: command.operands.map((operand) => wanted(operand, operand.name)),
  };
  return [node, ...command.subcommands.flatMap((sub) => nodes(sub, words))];
}

function suggest({ name, summary }: Command): Suggestion {
  return { word: name, about: summary };
}

function flags([name, option]: [string, Option]): Flag[] {
  const about = option.about.replace(/\.$/, '');
  const wants = option.value === undefined ? undefined : wanted(option, option.value);
  const spellings = [`--${name}`];
  if (option.negatable) spellings.push(`--no-${name}`);
  if (option.short !== undefined) spellings.push(`-${option.short}`);
  return spellings.map((word) => ({ word, about, wants }));
}

function wanted({ choices }: Option | Operand, name: string): Wanted {
  return choices ?? BY_NAME[name] ?? 'other';
}
