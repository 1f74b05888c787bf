import { withoutMarks } from '../../render/line-marks.ts';

/** A directive of nginx in a piece of configuration. */
export interface Directive {
  readonly name: string;
  /** Its first parameter. */
  readonly first: string | undefined;
  /** How many blocks of that piece are around it. */
  readonly depth: number;
  readonly line: number;
}

/** A piece of configuration that does not close what it opens. */
export class UnfinishedError extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/** Comments, quoted strings, bare words, and the three characters that end them: ngx_conf_read_token. */
const TOKEN = /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[;{}]|["']|(?:\\.|\$\{|[^\s;{\\])+/gs;

/** Reads all directives. Throws an UnfinishedError for a piece that would run into what follows it. */
export function readDirectives(piece: string): Directive[] {
  const text = withoutMarks(piece);
  const directives: Directive[] = [];
  const open: number[] = [];
  let words: string[] = [];
  let line = 1;
  let wordsBegin = 1;
  const end = () => {
    const [name, first] = words;
    if (name !== undefined) directives.push({ name, first, depth: open.length, line: wordsBegin });
    words = [];
  };
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '"' || token === "'")
      throw new UnfinishedError(line, `a string that begins with ${token} never ends`);
    if (token === ';') end();
    else if (token === '{') {
      end();
      open.push(line);
    } else if (token === '}') {
      if (words.length > 0) throw new UnfinishedError(wordsBegin, `"${words[0]}" does not end with ;`);
      if (open.pop() === undefined) throw new UnfinishedError(line, '} closes nothing that was opened here');
    } else if (/^[^\s#]/.test(token)) {
      if (words.length === 0) wordsBegin = line;
      words.push(token);
    }
    line += token.split('\n').length - 1;
  }
  if (words.length > 0) throw new UnfinishedError(wordsBegin, `"${words[0]}" does not end with ;`);
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw new UnfinishedError(unclosed, '{ is never closed');
  return directives;
}

/** Directives that may stand once for each header name; all others may stand once. */
const BY_FIRST = ['proxy_set_header', 'proxy_pass_header', 'proxy_hide_header', 'add_header'];

/** Leaves out the `lines` (one directive each) that `piece` has too: nginx takes most directives only once. */
export function withoutThoseOf(lines: string, piece: string): string {
  const outermost = readDirectives(piece).filter(({ depth }) => depth === 0);
  const given = new Set(outermost.map(identity));
  return lines
    .split('\n')
    .filter((line) => {
      const [name = '', first] = withoutMarks(line).trim().replace(/;$/, '').split(/\s+/);
      return !given.has(identity({ name, first }));
    })
    .join('\n');
}

function identity({ name, first }: Pick<Directive, 'name' | 'first'>): string {
  return BY_FIRST.includes(name) ? `${name} ${first?.replace(/^["']|["']$/g, '').toLowerCase()}` : name;
}
