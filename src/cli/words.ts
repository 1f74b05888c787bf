import { parseArgs } from 'node:util';
import { type Problem, quote } from '../config/problem.ts';
import { fileOnlyHint, meansToken, TOKEN_HINT } from '../config/source.ts';
import { didYouMean } from '../config/suggest.ts';
import type { Operand, Option, Options } from './options.ts';

/** An option as it was given. */
export interface GivenOption {
  readonly name: string;
  /** As it was typed, without its value: `-c`, `--no-pin`. */
  readonly flag: string;
  /** `true` or `false` for a switch; undefined where a setting has no value, which is judged with the other settings. */
  readonly text: string | undefined;
}

/** A command line, read as its options and operands say. */
export interface Words {
  /** In the order of the words, with every mistake, so that all can be mended in one go. */
  readonly options: readonly (GivenOption | Problem)[];
  readonly operands: readonly string[];
}

/** Reads `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`, `--no-name` and operands; `--` ends the options. */
export function readWords(argv: readonly string[], options: Options, operands: readonly Operand[] = []): Words {
  const found: (GivenOption | Problem)[] = [];
  const words: string[] = [];
  const names = namesOf(options);
  // Not strict, as that would end at the first mistake.
  const config = { strict: false, tokens: true, options: Object.fromEntries([...names].map(forNode)) } as const;
  const { tokens: rest } = parseArgs({ args: [...argv], ...config });

  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token.kind === 'option') takeOption(token);
    else if (token.kind === 'positional') takeOperand(token.value);
  }
  const missing = operands[words.length];
  if (missing && !missing.optional && !found.some(isProblem))
    refuse(missing.name, `found nothing, want ${missing.about}`);
  return { options: found, operands: words };

  function takeOption({ name: spelling, rawName: flag, index, value }: (typeof rest)[number] & { kind: 'option' }) {
    const { name = '', option } = names.get(spelling) ?? {};
    if (option === undefined) takeUnknown(flag, index, value);
    else if (option.value === undefined) takeSwitch(name, option, flag, value);
    else takeValue(name, option, flag, value ?? nextWord());
  }

  function takeUnknown(flag: string, index: number, value: string | undefined) {
    const hint = hintForUnknown(flag);
    // What follows = may be a token as well, and in --=x that is everything but the dashes.
    refuse(flag.replace(/=.*/s, ''), `is no option${hint}`);
    // What follows is likely its value, and may be a token: the rest of -xyz or the next word. It is not shown.
    while (rest[0]?.index === index) rest.shift();
    if (value === undefined) nextWord();
  }

  function hintForUnknown(flag: string): string {
    if (meansToken(flag) && names.has('token-file')) return `; ${TOKEN_HINT}`;
    const inFile = names.has('config') ? fileOnlyHint(flag.replace(/^--|=.*/gs, '')) : undefined;
    return inFile === undefined ? suggestion(flag) : `; ${inFile}`;
  }

  function takeSwitch(name: string, { negatable }: Option, flag: string, value: string | undefined) {
    const negated = flag === `--no-${name}`;
    if (value !== undefined && (negated || !negatable)) return refuse(flag, 'takes no value');
    found.push({ name, flag, text: value ?? String(!negated) });
    // `--managed false` looks right, but would be --managed and a word of no use.
    if (value === undefined && negatable && operands.length === 0 && nextWord() !== undefined) {
      refuse(flag, `takes no word after it; write --${name} or --no-${name}`);
    }
  }

  function takeValue(name: string, { kind, value, choices }: Option, flag: string, given: string | undefined) {
    const text = flag.startsWith('--') ? given : given?.replace(/^=/, '');
    // Values of settings are checked where those from all places are read.
    if (kind !== undefined) found.push({ name, flag, text });
    else if (text === undefined) refuse(flag, `found nothing, want ${value}`);
    else if (isChoice(flag, text, choices)) found.push({ name, flag, text });
  }

  function takeOperand(word: string) {
    const operand = operands[words.length] ?? (operands.at(-1)?.repeatable ? operands.at(-1) : undefined);
    if (operand === undefined) {
      // A long word may be a token in the wrong place.
      const shown = word.length <= 20 ? quote(word) : `a word of ${word.length} characters`;
      refuse('command line', `${shown} ${operands.length === 0 ? 'belongs to no option' : 'is one word too many'}`);
    } else if (isChoice(operand.name, word, operand.choices)) {
      words.push(word);
    }
  }

  /** Takes the next word away, unless it begins with a dash. */
  function nextWord(): string | undefined {
    const [next] = rest;
    if (next?.kind !== 'positional' || next.value === '-') return undefined;
    rest.shift();
    return next.value;
  }

  function isChoice(place: string, text: string, choices: readonly string[] = [text]): boolean {
    if (!choices.includes(text)) refuse(place, `found ${quote(text)}, want one of ${choices.join(', ')}`);
    return choices.includes(text);
  }

  function suggestion(flag: string): string {
    return didYouMean(flag, [...[...names.keys()].map((name) => `--${name}`), '--help']);
  }

  function refuse(place: string, message: string): void {
    found.push({ place, message });
  }
}

/** Is it a mistake, and no option? */
export function isProblem(one: GivenOption | Problem): one is Problem {
  return 'message' in one;
}

/** Options by all that may stand behind `--`. */
function namesOf(options: Options): Map<string, { readonly name: string; readonly option: Option }> {
  const named = Object.entries(options).flatMap(([name, option]) =>
    (option.negatable ? [name, `no-${name}`] : [name]).map((spelling) => [spelling, { name, option }] as const),
  );
  return new Map(named);
}

/**
 * An option as node:util wants it described. An option with a value takes the next word there, whatever that looks like. A
 * setting must not: where its value was forgotten, the next word is a flag. So node:util is told that a setting is a switch,
 * and nextWord takes the value; but for a setting with a letter, or -cFILE would not be understood.
 */
function forNode([spelling, { option }]: [string, { readonly option: Option }]) {
  const { value, kind, short } = option;
  const type = value === undefined || (kind !== undefined && short === undefined) ? 'boolean' : 'string';
  return [spelling, { type, ...(short === undefined ? {} : { short }) }] as const;
}
