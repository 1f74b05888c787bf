import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { type Problem, quote } from './problem.ts';
import { isKey, isList, KEYS } from './schema.ts';
import { type Given, meansToken, type Source, TOKEN_HINT } from './source.ts';
import { didYouMean } from './suggest.ts';

/** Reads the text of a YAML file; `name` is the file's name in messages. */
export function readYaml(text: string, name: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const found: { offset: number; item: Given | Problem }[] = [];

  for (const error of document.errors) report(error.pos[0], syntaxMessage(error));
  const brokenLines = new Set(document.errors.map(({ pos }) => lines.linePos(pos[0]).line));

  const { contents } = document;
  if (isMap<Node, Node | null>(contents)) {
    const first = new Map<string, number>();
    for (const pair of contents.items) readPair(pair, first);
  } else if (contents !== null && found.length === 0) {
    report(contents.range?.[0] ?? 0, `found ${nameOf(contents)}, want lines such as "api: 127.0.0.1:8001"`);
  }
  return found.sort((a, b) => a.offset - b.offset).map(({ item }) => item);

  function readPair({ key: node, value }: Pair<Node, Node | null>, first: Map<string, number>) {
    const offset = node.range?.[0] ?? 0;
    if (!isScalar(node)) return report(offset, `found ${nameOf(node)} where the name of a setting belongs`);
    const key = String(node.value);
    const earlier = first.get(key);
    if (earlier !== undefined) return report(offset, `stands here again, first in line ${lineOf(earlier)}`, key);
    first.set(key, offset);
    if (!isKey(key)) {
      return report(
        offset,
        `${quote(key)} is no setting${meansToken(key) ? `; ${TOKEN_HINT}` : didYouMean(key, KEYS)}`,
      );
    }
    const at = value?.range?.[0] ?? offset;
    // a syntax error there says more than the odd value that is left of the line
    if (brokenLines.has(lineOf(at))) return;
    const given = { key, place: placeOf(at), named: false };
    const text = isList(key) ? linesOf(value) : textOf(value);
    found.push({
      offset: at,
      item: text === undefined ? { ...given, text: '', instead: nameOf(value) } : { ...given, text },
    });
  }

  function report(offset: number, message: string, key?: string) {
    found.push({ offset, item: { place: placeOf(offset), key, message } });
  }

  function lineOf(offset: number): number {
    return lines.linePos(offset).line;
  }

  function placeOf(offset: number): string {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  }
}

function syntaxMessage({ code, message }: { code: string; message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'found a second document, want one';
  // [::]:8000 is a list with something behind it
  if (code === 'UNEXPECTED_TOKEN') return `${message}; a value with [ ] { } or # needs quotes`;
  return message;
}

/** The text of a scalar; numbers as they were written, so that 0x10 doesn't become 16. */
function textOf(value: Node | null): string | undefined {
  if (!isScalar(value) || value.value === null) return undefined;
  return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
}

/** A list of scalars as lines, which is how flags and variables give one; or one scalar. */
function linesOf(value: Node | null): string | undefined {
  if (!isSeq<Node | null>(value)) return textOf(value);
  const texts = value.items.map(textOf);
  return texts.every((text) => text !== undefined && !text.includes('\n')) ? texts.join('\n') : undefined;
}

function nameOf(node: Node | null): string {
  // *:8000 is read as an alias
  if (isAlias(node)) return 'an alias (a value that begins with * needs quotes)';
  if (isMap(node)) return 'a mapping';
  if (isScalar(node)) return node.value === null ? 'nothing' : 'a single value';
  return node === null ? 'nothing' : 'a list';
}
