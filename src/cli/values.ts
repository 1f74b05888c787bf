import type { Options, OptionValues } from './options.ts';
import { isProblem, type Words } from './words.ts';

/** The values of options: given, else of a variable, else the default. */
export function valuesOf<O extends Options>(
  { options: given }: Words,
  options: O,
  env: NodeJS.ProcessEnv,
): OptionValues<O> {
  const values = Object.entries(options).map(([name, { value, repeatable, env: variables = [], default: text }]) => {
    const texts = given.flatMap((one) => (isProblem(one) || one.name !== name ? [] : [one.text]));
    if (value === undefined) return [name, texts.at(-1) === 'true'];
    if (repeatable) return [name, texts];
    return [name, texts.at(-1) ?? variables.map((variable) => env[variable]).find((found) => found) ?? text];
  });
  return Object.fromEntries(values) as OptionValues<O>;
}
