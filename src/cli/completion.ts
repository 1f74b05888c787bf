import { type Command, defineCommand } from './command.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { nodesOf } from './completion/nodes.ts';
import { zshCompletion } from './completion/zsh.ts';
import { EXIT, exits } from './exit-codes.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `signalbox completion`: what a shell needs to complete command lines. `all`: the commands; asked late, for it is one of them. */
export function completionCommand(all: () => readonly Command[]): Command {
  return defineCommand({
    name: 'completion',
    summary: 'print a script that completes command lines in bash, zsh or fish',
    description: [
      'Prints a script for a shell, made from the same table as the help: commands, options, their words and files.',
    ],
    operands: [{ name: 'SHELL', about: 'bash, zsh or fish', choices: Object.keys(SCRIPTS) }],
    options: {},
    exits: exits('ok', 'usage'),
    examples: [
      { about: 'bash, in ~/.bashrc:', command: 'source <(signalbox completion bash)' },
      {
        about: 'zsh, in a folder of $fpath:',
        command: 'signalbox completion zsh > ~/.zfunc/_signalbox',
        notRun: 'writes to the home folder; a real zsh loads it in a test of its own',
      },
      {
        about: 'fish:',
        command: 'signalbox completion fish > ~/.config/fish/completions/signalbox.fish',
        notRun: 'writes to the home folder; a real fish loads it in a test of its own',
      },
    ],

    async run({ operands: [shell], io }) {
      io.out(SCRIPTS[shell as keyof typeof SCRIPTS](nodesOf(all())));
      return EXIT.ok;
    },
  });
}
