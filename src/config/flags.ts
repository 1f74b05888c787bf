import { type Problem, quote } from './problem.ts';
import { isKey, isList, KEYS, type Key, settingOf } from './schema.ts';
import { type Given, meansToken, type Source, TOKEN_HINT } from './source.ts';
import { didYouMean } from './suggest.ts';

/** What the command line says, and the file it names. */
export interface Flags {
  readonly source: Source;
  readonly config: string | undefined;
}

const KNOWN = [
  '--config',
  '--help',
  ...KEYS.flatMap((key) => (isBoolean(key) ? [`--${key}`, `--no-${key}`] : `--${key}`)),
];

/**
 * Reads `--key value`, `--key=value`, `--key`, `--no-key` and `-c FILE`. Not node:util's parseArgs, because that stops
 * at the first mistake, or (not strict) takes the next flag for a missing value. Of a flag given twice the last counts,
 * unless it is a list.
 */
export function readFlags(argv: readonly string[]): Flags {
  const source: (Given | Problem)[] = [];
  let config: string | undefined;
  const rest = [...argv];
  /** Flags that may be repeated, with the lines they have so far. */
  const lists = new Map<Key, { text: string }>();

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      source.push({ place: 'command line', message: `${strayWord(word)} belongs to no option` });
      continue;
    }
    const { flag, inline } = split(word);
    const key = keyOf(flag);
    if (flag === '-c' || flag === '--config') {
      const path = inline ?? takeWord();
      if (path === undefined) source.push({ place: flag, message: 'found nothing, want the path of a YAML file' });
      config = path ?? config;
    } else if (key === undefined) {
      source.push({
        place: flag,
        message: `is no option${meansToken(flag) ? `; ${TOKEN_HINT}` : didYouMean(flag, KNOWN)}`,
      });
      // likely its value, and possibly a token: not to be shown as a word that belongs to no option
      if (inline === undefined) takeWord();
    } else if (flag === `--no-${key}`) {
      if (inline === undefined) give(key, flag, 'false');
      else source.push({ place: flag, message: 'takes no value' });
      refuseWord(key, flag);
    } else if (isBoolean(key)) {
      give(key, flag, inline ?? 'true');
      if (inline === undefined) refuseWord(key, flag);
    } else {
      const text = inline ?? takeWord();
      if (text === undefined) source.push({ key, text: '', instead: 'nothing', place: flag, named: true });
      else give(key, flag, text);
    }
  }
  return { source, config };

  function give(key: Key, place: string, text: string) {
    const earlier = isList(key) ? lists.get(key) : undefined;
    if (earlier !== undefined) {
      earlier.text += `\n${text}`;
      return;
    }
    const given = { key, text, place, named: true };
    if (isList(key)) lists.set(key, given);
    source.push(given);
  }

  /** The next word, unless it is a flag. */
  function takeWord(): string | undefined {
    return rest[0] === undefined || rest[0].startsWith('-') ? undefined : rest.shift();
  }

  /** `--managed false` looks right, but would be `--managed` and a stray word, maybe a token: not shown. */
  function refuseWord(key: Key, flag: string) {
    if (takeWord() !== undefined) {
      source.push({ place: flag, message: `takes no word after it; write --${key} or --no-${key}` });
    }
  }
}

/** A long word may be a token, whose place would be elsewhere. */
export function strayWord(word: string): string {
  return word.length <= 20 ? quote(word) : `a word of ${word.length} characters`;
}

/** `--key=value`; of `-cFILE` and other short flags all behind the letter is the value. */
function split(word: string): { flag: string; inline: string | undefined } {
  const [, flag = word, inline] = /^(--[^=]*|-.?)=?(.+)?$/s.exec(word) ?? [];
  return { flag, inline: inline ?? (word.endsWith('=') ? '' : undefined) };
}

/** The key of `--key` and, where the setting is a boolean, of `--no-key`. */
function keyOf(flag: string): Key | undefined {
  const name = flag.slice(2);
  if (!flag.startsWith('--')) return undefined;
  if (isKey(name)) return name;
  const positive = name.replace(/^no-/, '');
  return positive !== name && isKey(positive) && isBoolean(positive) ? positive : undefined;
}

function isBoolean(key: Key): boolean {
  return settingOf(key).kind === 'boolean';
}
