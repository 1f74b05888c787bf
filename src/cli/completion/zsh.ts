import type { Flag, Node, Wanted } from './nodes.ts';

/** The script for zsh, to be autoloaded as `_signalbox` or sourced after compinit. */
export function zshCompletion(nodes: readonly Node[]): string {
  return `#compdef signalbox
# signalbox completion for zsh: signalbox completion zsh > a file _signalbox in a folder of $fpath
${nodes.map(functionOf).join('\n')}
if [[ $funcstack[1] == _signalbox ]]; then _signalbox "$@"; else compdef _signalbox signalbox; fi
`;
}

function name(words: readonly string[]): string {
  return ['_signalbox', ...words].join('_');
}

function functionOf({ words, commands, flags, operands }: Node): string {
  const specs = flags.map(flagSpec);
  if (commands.length === 0) {
    const rest = operands.map((wanted, index) => {
      const place = index === operands.length - 1 ? '*' : String(index + 1);
      // a blank would be a message, which keeps options from being completed
      return quote(`${place}:operand:${wanted === 'other' ? '( )' : action(wanted)}`);
    });
    return `${name(words)}() {\n  _arguments -S ${[...specs, ...rest].join(' \\\n    ')}\n}`;
  }
  const list = commands.map(({ word, about }) => quote(`${word}:${about.replaceAll(':', '\\:')}`)).join(' ');
  const cases = commands
    .filter(({ word }) => word !== 'help')
    .map(({ word }) => `        ${word}) ${name([...words, word])} ;;`);
  return `${name(words)}() {
  local line state
  local -a commands=(${list})
  _arguments -C -S ${specs.join(' \\\n    ')} \\
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $line[1] in
${cases.join('\n')}
      esac ;;
  esac
}`;
}

function flagSpec({ word, about, wants }: Flag): string {
  const text = about.replace(/[[\]:\\]/g, '\\$&');
  const equals = wants !== undefined && word.startsWith('--') ? '=' : '';
  return quote(`*${word}${equals}[${text}]${wants === undefined ? '' : `:value:${action(wants)}`}`);
}

function action(wanted: Wanted): string {
  if (wanted === 'file') return '_files';
  if (wanted === 'folder') return '_files -/';
  return wanted === 'other' ? ' ' : `(${wanted.join(' ')})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
