import { didYouMean } from '../config/suggest.ts';
import { describeError, SignalboxError } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { Command, Io } from './command.ts';
import { commands } from './commands.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { manual } from './help.ts';
import { overview } from './overview.ts';
import { processIo } from './process-io.ts';
import { printable } from './terminal-text.ts';

/** A command that was found, the words that name it, and those behind them. */
interface Found {
  readonly command: Command;
  readonly words: readonly string[];
  readonly rest: readonly string[];
}

/** Runs one command line (without node and script) and resolves to its exit code. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let found: Found | undefined;
  try {
    const [word, ...rest] = argv;
    if (word === undefined) {
      io.err(overview(commands));
      return EXIT.usage;
    }
    if (word === '--version' || word === '-V') return print(`${VERSION}\n`, io);
    if (isHelp(word) || word === 'help') return help(rest, io);
    if (word.startsWith('-')) {
      throw usage(`${flagName(word)} stands before a command`, 'signalbox serve [OPTIONS]');
    }
    found = find(argv);
    if (asksForHelp(found.rest)) return help(found.words, io);
    return await runnable(found).run(found.rest, io);
  } catch (error) {
    io.err(report(error, found, wantsStack(argv, io.env)));
    const code = exitCodeOf(error);
    return code === EXIT.usage ? (found?.command.usageExitCode ?? code) : code;
  } finally {
    await io.flushed?.();
  }
}

/** Follows the words as far as they name commands. */
function find(argv: readonly string[]): Found {
  let choices = commands;
  let found: Found | undefined;
  for (const [index, word] of argv.entries()) {
    const command = choices.find(({ name }) => name === word);
    if (command === undefined) {
      const isMistake = found === undefined || (found.command.subcommands.length > 0 && !word.startsWith('-'));
      if (isMistake) throw unknown(word, found?.words ?? [], choices);
      break;
    }
    found = { command, words: argv.slice(0, index + 1), rest: argv.slice(index + 1) };
    if (command.subcommands.length === 0) break;
    choices = command.subcommands;
  }
  if (found === undefined) throw unknown('', [], choices);
  return found;
}

function runnable({ command, words }: Found): Command {
  if (command.subcommands.length === 0) return command;
  if (command.defaultSubcommand) return command.defaultSubcommand;
  const names = command.subcommands.map(({ name }) => name).join(', ');
  throw usage(`${words.join(' ')} needs one of: ${names}`, `signalbox ${words.join(' ')} --help`);
}

function help(words: readonly string[], io: Io): number {
  if (words.length === 0) return print(overview(commands), io);
  const { command, words: known } = find(words);
  return print(manual(command, known, io.terminal ? bold : undefined), io);
}

function print(text: string, io: Io): number {
  io.out(text);
  return EXIT.ok;
}

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[22m`;
}

function unknown(word: string, before: readonly string[], choices: readonly Command[]): SignalboxError {
  const names = choices.map(({ name }) => name);
  const command = [...before, word].join(' ');
  const all = ['signalbox', ...before, '--help'].join(' ');
  const known = before.length === 0 ? [...names, 'help'] : names;
  return usage(`there is no command ${JSON.stringify(command)}${didYouMean(word, known)}`, `${all} lists them`);
}

/** No stack for mistakes and failures that have a message; it would only hide it. */
function report(error: unknown, found: Found | undefined, stack: boolean): string {
  const lines = [`signalbox: ${describeError(error)}`];
  if (error instanceof SignalboxError) {
    const manualPage = found && error.code === 'BAD_CONFIG' ? `signalbox ${found.words.join(' ')} --help` : undefined;
    const hint = error.hint ?? manualPage;
    if (hint !== undefined) lines.push(`hint: ${hint}`);
  }
  if (stack && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  // What the API says may have names of users in it.
  return `${lines.join('\n').split('\n').map(printable).join('\n')}\n`;
}

function usage(message: string, hint: string): SignalboxError {
  return new SignalboxError('BAD_CONFIG', message, { hint });
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some(isHelp);
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

/** The flag without its value, which may be a secret. */
function flagName(word: string): string {
  return word.match(/^(--[^=]*|-.?)/)?.[0] ?? '-';
}

/** Looked up without the configuration, which may be what failed. */
function wantsStack(argv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return env.SIGNALBOX_LOG_LEVEL === 'debug' || /(^| )--log-level[= ]debug( |$)/.test(argv.join(' '));
}
