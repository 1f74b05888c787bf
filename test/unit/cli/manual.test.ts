import { describe, expect, it } from 'vitest';
import type { Command, Io } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands.ts';
import { main } from '../../../src/cli/main.ts';

/** Every command and subcommand with its words. */
function all(list: readonly Command[], before: readonly string[] = []): [words: string, command: Command][] {
  return list.flatMap((command) => {
    const words = [...before, command.name];
    return [[words.join(' '), command] as [string, Command], ...all(command.subcommands, words)];
  });
}

describe.each(all(commands))('signalbox %s', (words, command) => {
  it.each([
    ['--help', [...words.split(' '), '--help']],
    ['help', ['help', ...words.split(' ')]],
  ])('%s shows a manual page of at most 80 columns', async (_, argv) => {
    let out = '';
    const io: Io = { env: {}, out: (text) => (out += text), err: () => {} };
    expect(await main(argv, io)).toBe(0);
    const headings: string[] = out.match(/^[A-Z]+( [A-Z]+)*$/gm) ?? [];
    const order = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'OPERANDS', 'OPTIONS', 'CHECKS'];
    expect(headings).toEqual([...order, 'EXIT STATUS', 'ENVIRONMENT', 'EXAMPLES'].filter((h) => headings.includes(h)));
    expect(headings).toEqual(expect.arrayContaining(['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS']));
    expect(out).toContain(`signalbox ${words}`);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('has an example, the exit codes of its successes and its mistakes', () => {
    expect(command.examples.length).toBeGreaterThan(0);
    if (command.subcommands.length === 0) expect(command.exits.length).toBeGreaterThan(1);
  });
});
