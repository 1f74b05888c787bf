import { didYouMean } from '../config/suggest.ts';
import { describeError, SignalboxError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { chp } from './chp.ts';
import type { Command, Io } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { importRoutes } from './import.ts';
import { routes } from './routes.ts';
import { serve } from './serve.ts';

const commands: readonly Command[] = [serve, chp, routes, importRoutes];

/** Runs one command line (without node and script) and resolves to its exit code. */
export async function main(argv: readonly string[], io: Io = processIo): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    io.err(report(error, wantsStack(argv, io.env)));
    if (!(error instanceof SignalboxError && error.code === 'BAD_CONFIG')) return EXIT.failed;
    return commands.find(({ name }) => name === argv[0])?.usageExitCode ?? EXIT.usage;
  }
}

const processIo: Io = {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [word, ...rest] = argv;
  switch (word) {
    case undefined:
      io.err(overview());
      return EXIT.usage;
    case '--version':
    case '-V':
      io.out(`${VERSION}\n`);
      return EXIT.ok;
    case '--help':
    case '-h':
    case 'help':
      return help(rest[0], io);
  }
  if (word.startsWith('-')) throw usage(`${flagName(word)} stands before a command`, 'signalbox serve [OPTIONS]');
  const command = find(word);
  return rest.some(isHelp) ? help(command.name, io) : command.run(rest, io);
}

function help(name: string | undefined, io: Io): number {
  io.out(name === undefined ? overview() : find(name).help());
  return EXIT.ok;
}

function find(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = [...commands.map((candidate) => candidate.name), 'help'];
  throw usage(`there is no command ${JSON.stringify(name)}${didYouMean(name, names)}`, 'signalbox --help lists them');
}

function overview(): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`);
  return `Signalbox lets a stock nginx serve JupyterHub's routes.

Usage: signalbox COMMAND [OPTIONS]

Commands:
${list.join('\n')}
  help      show this, or with a command all its options

  -h, --help     the same as help; also behind a command
  -V, --version  show the version
`;
}

/** No stack for mistakes and failures that have a message; it would only hide it. */
function report(error: unknown, stack: boolean): string {
  const lines = [`signalbox: ${describeError(error)}`];
  if (error instanceof SignalboxError && error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  if (stack && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return `${lines.join('\n')}\n`;
}

function usage(message: string, hint: string): SignalboxError {
  return new SignalboxError('BAD_CONFIG', message, { hint });
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
