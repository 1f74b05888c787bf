import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { type Problem, quote } from './problem.ts';
import { isFileOnly, isKey, isList, KEYS } from './schema.ts';
import { type Branch, type Given, meansToken, type Source, TOKEN_HINT } from './source.ts';
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
    for (const { name, at, value } of pairsOf(contents)) readSetting(name, at, value);
  } else if (contents !== null && found.length === 0) {
    report(contents.range?.[0] ?? 0, `found ${nameOf(contents)}, want lines such as "api: 127.0.0.1:8001"`);
  }
  return found.sort((a, b) => a.offset - b.offset).map(({ item }) => item);

  /** What a mapping has, each name once; `at`: where the name stands, `above`: for messages, the mappings around it. */
  function pairsOf(map: YAMLMap<Node, Node | null>, above = ''): { name: string; at: number; value: Node | null }[] {
    const first = new Map<string, number>();
    return map.items.flatMap(({ key: node, value }) => {
      const at = node.range?.[0] ?? 0;
      if (!isScalar(node)) {
        report(at, `found ${nameOf(node)} where the name of a setting belongs`);
        return [];
      }
      const name = String(node.value);
      const earlier = first.get(name);
      if (earlier !== undefined) {
        report(at, `stands here again, first in line ${lineOf(earlier)}`, above + name);
        return [];
      }
      first.set(name, at);
      return [{ name, at, value }];
    });
  }

  function branchesOf(map: YAMLMap<Node, Node | null>, above: string): Branch[] {
    return pairsOf(map, above).flatMap(({ name, at: nameAt, value }): Branch[] => {
      const at = isMap(value) ? nameAt : (value?.range?.[0] ?? nameAt);
      if (brokenLines.has(lineOf(at))) return [];
      const place = placeOf(at);
      if (isMap<Node, Node | null>(value)) return [{ name, place, branches: branchesOf(value, `${above}${name}.`) }];
      const text = textOf(value);
      return [text === undefined ? { name, place, instead: nameOf(value) } : { name, place, text }];
    });
  }

  function readSetting(key: string, offset: number, value: Node | null) {
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
    if (isFileOnly(key) && isMap<Node, Node | null>(value)) {
      found.push({ offset: at, item: { ...given, text: '', branches: branchesOf(value, `${key}.`) } });
      return;
    }
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
