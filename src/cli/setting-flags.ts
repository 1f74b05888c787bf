import type { Problem } from '../config/problem.ts';
import { isKey, isList, type Key } from '../config/schema.ts';
import type { Flags, Given } from '../config/source.ts';
import { settingOptions } from './setting-options.ts';
import { isProblem, readWords, type Words } from './words.ts';

const SETTINGS = Object.assign({}, ...settingOptions().map(({ options }) => options));

/** What a command line of settings alone says. */
export function readSettings(argv: readonly string[]): Flags {
  return settingFlags(readWords(argv, SETTINGS));
}

/** The settings in the words, and all mistakes. Of a flag that is given twice the last counts, unless it is a list. */
export function settingFlags({ options }: Words): Flags {
  let config: string | undefined;
  const lists = new Map<Key, Given & { text: string }>();
  const source = options.flatMap((one): (Given | Problem)[] => {
    if (isProblem(one)) return [one];
    const { name, flag, text } = one;
    if (name === 'config') {
      config = text ?? config;
      return text === undefined ? [{ place: flag, message: 'found nothing, want the path of a YAML file' }] : [];
    }
    if (!isKey(name)) return [];
    if (text === undefined) return [{ key: name, text: '', instead: 'nothing', place: flag, named: true }];
    const given = { key: name, text, place: flag, named: true };
    const earlier = isList(name) ? lists.get(name) : undefined;
    if (earlier === undefined) {
      lists.set(name, given);
      return [given];
    }
    earlier.text += `\n${text}`;
    return [];
  });
  return { source, config };
}
