import type { Node, Wanted } from './nodes.ts';

/** The script for bash, 3.2 and later; needs nothing of bash-completion. */
export function bashCompletion(nodes: readonly Node[]): string {
  return `# signalbox completion for bash: source <(signalbox completion bash)
_signalbox() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} node= word words= wants= operands= flags= i
  # bash splits --driver=nginx at the =
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$node/$word" in
${nodes
  .filter(({ words }) => words.length > 0)
  .map(({ words }) => `      ${quote(`${path(words.slice(0, -1))}/${words.at(-1)}`)}) node=${quote(path(words))} ;;`)
  .join('\n')}
    esac
  done
  case $node in
${nodes.map(nodeCase).join('\n')}
  esac
  case "$node $prev" in
${nodes.flatMap(flagCases).join('\n')}
  esac
  if [[ -z $wants ]]; then
    if [[ $cur == -* ]]; then wants="words $flags"; else wants="$operands"; fi
  fi
  case $wants in
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    words*) COMPREPLY=($(compgen -W "\${wants#words}" -- "$cur")) ;;
  esac
}
complete -F _signalbox signalbox
`;
}

function path(words: readonly string[]): string {
  return words.map((word) => `/${word}`).join('');
}

function nodeCase({ words, commands, flags, operands }: Node): string {
  const first = commands.length > 0 ? commands.map(({ word }) => word) : (operands[0] ?? 'other');
  return `    ${quote(path(words))}) flags=${quote(flags.map(({ word }) => word).join(' '))} operands=${quote(wants(first))} ;;`;
}

function flagCases({ words, flags }: Node): string[] {
  return flags.flatMap((flag) =>
    flag.wants === undefined ? [] : `    ${quote(`${path(words)} ${flag.word}`)}) wants=${quote(wants(flag.wants))} ;;`,
  );
}

function wants(wanted: Wanted): string {
  return typeof wanted === 'string' ? wanted : `words ${wanted.join(' ')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
