import type { Options, Values } from './options.ts';
import { parseWords } from './options.ts';

/** Takes a command's own options out of a command line whose other words are settings, as signalbox serve has them. */
export function takeOwnWords<O extends Options>(argv: readonly string[], options: O, env: NodeJS.ProcessEnv) {
  const flags = new Map<string, boolean>();
  for (const [name, { short, value }] of Object.entries(options)) {
    flags.set(`--${name}`, value !== undefined);
    if (short !== undefined) flags.set(`-${short}`, value !== undefined);
  }
  const own: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    const takesValue = flags.get(word);
    if (takesValue === undefined && !flags.has(word.replace(/=.*/s, ''))) rest.push(word);
    else own.push(...argv.slice(index, index + (takesValue ? 2 : 1)));
    if (takesValue) index++;
  }
  const parsed: Values<O> = parseWords(own, options, [], env).options;
  return { own: parsed, rest };
}
