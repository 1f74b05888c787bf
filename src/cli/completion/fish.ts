import type { Flag, Node, Wanted } from './nodes.ts';

/** The script for fish, 3.0 and later. */
export function fishCompletion(nodes: readonly Node[]): string {
  return `# signalbox completion for fish: signalbox completion fish > ~/.config/fish/completions/signalbox.fish
function __signalbox_at
    # true behind exactly these words of commands
    set -l words (commandline -opc | string match -v -- '-*')[2..]
    set -l count (count $argv)
    set -l known ${nodes.map(({ words }) => quote(words.join(' '))).join(' ')}
    test (count $words) -ge $count; or return 1
    test $count -eq 0; or test "$words[1..$count]" = "$argv"; or return 1
    # not when a longer command is meant
    set -l more (math $count + 1)
    test (count $words) -ge $more; and contains -- "$words[1..$more]" $known; and return 1
    return 0
end
complete -c signalbox -f
${nodes.flatMap(lines).join('\n')}
`;
}

function lines({ words, commands, flags, operands }: Node): string[] {
  const at = `-n ${quote(['__signalbox_at', ...words].join(' '))}`;
  const rows = [
    ...commands.map(({ word, about }) => `complete -c signalbox ${at} -a ${quote(word)} -d ${quote(about)}`),
    ...flags.map((flag) => `complete -c signalbox ${at} ${spelling(flag)} -d ${quote(flag.about)}${value(flag.wants)}`),
  ];
  const first = operands[0];
  if (first !== undefined && first !== 'other') rows.push(`complete -c signalbox ${at}${candidates(first)}`);
  return rows;
}

function spelling({ word }: Flag): string {
  return word.startsWith('--') ? `-l ${quote(word.slice(2))}` : `-s ${quote(word.slice(1))}`;
}

/** -r: a value must follow; -x: and it is no file. */
function value(wanted: Wanted | undefined): string {
  if (wanted === undefined) return '';
  return `${wanted === 'file' ? ' -r' : ' -x'}${candidates(wanted)}`;
}

function candidates(wanted: Wanted): string {
  if (wanted === 'other') return '';
  if (wanted === 'file') return ' -F';
  return wanted === 'folder' ? " -a '(__fish_complete_directories)'" : ` -a ${quote(wanted.join(' '))}`;
}

/** https://fishshell.com/docs/current/language.html#quotes: only \\ and ' need a backslash there. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
