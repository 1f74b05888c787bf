import type { Command } from './command.ts';
import type { Operand } from './options.ts';

/** How a command is written: one line, or one for each of its subcommands. */
export function synopses(command: Command, words: readonly string[]): string[] {
  const { subcommands, defaultSubcommand, operands, options } = command;
  if (subcommands.length > 0) {
    return subcommands.flatMap((sub) => {
      const name = sub === defaultSubcommand ? `[${sub.name}]` : sub.name;
      return synopses(sub, [...words, name]);
    });
  }
  const hasOptions = options.some((group) => Object.keys(group.options).length > 0);
  return [['signalbox', ...words, ...(hasOptions ? ['[OPTIONS]'] : []), ...operands.map(operandUsage)].join(' ')];
}

/** `SPEC`, `[FILE]`, `SPEC...` */
export function operandUsage({ name, optional, repeatable }: Operand): string {
  const text = repeatable ? `${name}...` : name;
  return optional ? `[${text}]` : text;
}
