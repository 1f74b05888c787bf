import type { Command, OptionGroup } from './command.ts';
import type { Operand, Option } from './options.ts';
import { synopses } from './synopsis.ts';
import { wrap } from './wrap.ts';

/** The manual page of a command: all of `signalbox WORDS --help`. `words` are those before and with its name. */
export function manual(command: Command, words: readonly string[], bold = (text: string) => text): string {
  const sections: [title: string, lines: readonly string[]][] = [
    ['NAME', wrap(`signalbox ${words.join(' ')} - ${command.summary}`, 4)],
    ['SYNOPSIS', synopses(command, words).flatMap((line) => hanging(line))],
    ['DESCRIPTION', paragraphs(command.description)],
    ['COMMANDS', command.subcommands.flatMap(({ name, summary }) => term(name, [summary]))],
    ['OPERANDS', command.operands.flatMap(operandHelp)],
    ['OPTIONS', optionsHelp(command.options)],
    [command.list?.title ?? '', (command.list?.rows ?? []).flatMap(([name, about]) => term(name, [about]))],
    ['EXIT STATUS', command.exits.flatMap(({ code, meaning }) => wrap(`${code}  ${meaning}`, 4))],
    ['ENVIRONMENT', environmentOf(command).flatMap(([name, about]) => term(name, [about]))],
    ['EXAMPLES', command.examples.flatMap(({ about, command: line }, index) => example(about, line, index > 0))],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${bold(title)}\n${lines.join('\n')}\n`)
    .join('\n');
}

/** The variables of a command: those that stand for options, then its own. */
export function environmentOf({ options, environment }: Command): (readonly [name: string, about: string])[] {
  const ofOptions = options.flatMap((group) =>
    Object.entries(group.options).flatMap(([name, { env = [], kind }]) => {
      // Settings have theirs behind each option: one a setting would only be the same list again.
      if (kind !== undefined || env.length === 0) return [];
      const which = env.length > 1 ? '; the first that is set counts' : '';
      return [[env.join(', '), `where --${name} is not given${which}`] as const];
    }),
  );
  return [...ofOptions, ...environment];
}

/** `--driver nginx|traefik`, `--[no-]pin`, `-o, --output FILE` */
export function optionUsage(name: string, { short, value, negatable }: Option): string {
  const long = `--${negatable ? '[no-]' : ''}${name}${value === undefined ? '' : ` ${value}`}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

/** Variable, kind and default of an option, as far as there are any. */
export function optionFacts({ env = [], kind, default: text, repeatable }: Option): string[] {
  const words = [...(kind === undefined ? [] : env), kind, text && `default ${text}`];
  if (repeatable && kind === undefined) words.push('may be repeated');
  const facts = words.filter((word) => word !== undefined && word !== '').join(', ');
  return facts === '' ? [] : [facts];
}

function optionsHelp(groups: readonly OptionGroup[]): string[] {
  const lines = groups.flatMap(({ title, options }) => [
    ...(title === undefined ? [] : ['', `  ${title}`]),
    ...Object.entries(options).flatMap(([name, option]) =>
      term(optionUsage(name, option), [option.about, ...optionFacts(option)]),
    ),
  ]);
  const common = groups.length > 1 ? ['', '  Common'] : [];
  return [...lines, ...common, ...term('-h, --help', ['show this'])].slice(lines[0] === '' ? 1 : 0);
}

function operandHelp({ name, about }: Operand): string[] {
  return term(name, [about]);
}

function term(name: string, texts: readonly string[]): string[] {
  return [...wrap(name, 4), ...texts.flatMap((text) => wrap(text, 8))];
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => [...(index > 0 ? [''] : []), ...wrap(text, 4)]);
}

function hanging(line: string): string[] {
  const [first = '', ...rest] = wrap(line, 4);
  return [first, ...rest.map((text) => `    ${text}`)];
}

function example(about: string, command: string, gap: boolean): string[] {
  const lines = command.split('\n').map((line) => `        ${line}`);
  return [...(gap ? [''] : []), ...wrap(about, 4), ...lines];
}
