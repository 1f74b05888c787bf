import { didYouMean } from '../config/suggest.ts';
import { SignalboxError } from '../errors.ts';

/** How a value is completed in a shell. */
export type Completion = 'file' | 'folder';

/** An option, under its name without `--`. */
export interface Option {
  readonly about: string;
  /** The letter of `-o`. */
  readonly short?: string;
  /** What the value is called; absent for a switch. */
  readonly value?: string;
  /** May be given more than once, and each one counts. */
  readonly repeatable?: boolean;
  /** A switch that can be turned off, too: `--no-NAME`. */
  readonly negatable?: boolean;
  readonly default?: string;
  /** Variables that stand for the option where it is not given; the first that is set counts. */
  readonly env?: readonly string[];
  /** What kind of value it is, where there are words for it. */
  readonly kind?: string;
  readonly choices?: readonly string[];
  readonly complete?: Completion;
}

export type Options = Readonly<Record<string, Option>>;

/** A word that belongs to no option, such as the routespec of `routes get`. */
export interface Operand {
  readonly name: string;
  readonly about: string;
  readonly optional?: boolean;
  /** May be several; only the last operand. */
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
  readonly complete?: Completion;
}

type Value<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly repeatable: true }
    ? readonly string[]
    : O extends { readonly default: string }
      ? string
      : string | undefined
  : boolean;

/** The values of options as a command gets them. */
export type Values<O extends Options> = { readonly [K in keyof O]: Value<O[K]> };

/** Reads `--name VALUE`, `--name=VALUE`, `-n VALUE` and operands; `--` ends the options. Throws BAD_CONFIG. */
export function parseWords<O extends Options>(
  argv: readonly string[],
  options: O,
  operands: readonly Operand[],
  env: NodeJS.ProcessEnv,
): { options: Values<O>; operands: readonly string[] } {
  const known = new Map<string, [name: string, option: Option]>();
  for (const [name, option] of Object.entries(options)) {
    known.set(`--${name}`, [name, option]);
    if (option.short !== undefined) known.set(`-${option.short}`, [name, option]);
  }
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      words.push(...rest.splice(0));
    } else if (!word.startsWith('-') || word === '-') {
      words.push(word);
    } else {
      const [, flag = word, inline] = /^(--[^=]+)=(.*)$/s.exec(word) ?? /^(-[^-])(.+)$/s.exec(word) ?? [];
      const [name, option] = known.get(flag) ?? refuse(`${flag} is no option${didYouMean(flag, [...known.keys()])}`);
      const text = option.value === undefined ? switched(flag, inline) : (inline ?? rest.shift());
      if (text === undefined) refuse(`${flag} needs a value: ${flag} ${option.value}`);
      if (option.choices && !option.choices.includes(text)) {
        refuse(`${flag}: found ${JSON.stringify(text)}, want one of ${option.choices.join(', ')}`);
      }
      given.set(name, option.repeatable ? [...(given.get(name) ?? []), text] : [text]);
    }
  }
  checkOperands(words, operands);
  const values = Object.entries(options).map(([name, option]) => [name, optionValue(option, given.get(name), env)]);
  return { options: Object.fromEntries(values) as Values<O>, operands: words };
}

function switched(flag: string, inline: string | undefined): string {
  if (inline !== undefined) refuse(`${flag} takes no value`);
  return 'true';
}

function optionValue(option: Option, given: readonly string[] | undefined, env: NodeJS.ProcessEnv) {
  if (option.value === undefined) return given !== undefined;
  if (option.repeatable) return given ?? [];
  return given?.at(-1) ?? option.env?.map((name) => env[name]).find((text) => text) ?? option.default;
}

function checkOperands(words: readonly string[], operands: readonly Operand[]): void {
  const missing = operands[words.length];
  if (missing && !missing.optional) refuse(`${missing.name} is missing: ${missing.about}`);
  const surplus = operands.at(-1)?.repeatable ? undefined : words[operands.length];
  if (surplus !== undefined) refuse(`${JSON.stringify(surplus)} is one word too many`);
  for (const [index, word] of words.entries()) {
    const { name, choices } = operands[Math.min(index, operands.length - 1)] ?? {};
    if (choices && !choices.includes(word)) {
      refuse(`${name}: found ${JSON.stringify(word)}, want one of ${choices.join(', ')}`);
    }
  }
}

function refuse(message: string): never {
  throw new SignalboxError('BAD_CONFIG', message);
}
