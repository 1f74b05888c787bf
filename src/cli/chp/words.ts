import { strayWord } from '../../config/flags.ts';
import type { Problem } from '../../config/problem.ts';
import { type Key, settingOf } from '../../config/schema.ts';
import { didYouMean } from '../../config/suggest.ts';
import { CHP_FLAGS, type ChpFlag } from './flags.ts';
import { OWN_KEYS } from './own-flags.ts';

/** The command line, flag by flag; a switch has no text. */
export interface Words {
  /** Each flag's last value; a switch's is empty. */
  readonly values: ReadonlyMap<string, string>;
  /** All values of the flags that may be repeated. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

const FLAGS = new Map<string, ChpFlag>([
  ...CHP_FLAGS.flatMap(({ flags }) => flags).map((flag) => [flag.name, flag] as const),
  ...OWN_KEYS.flatMap(ownFlags).map((flag) => [flag.name, flag] as const),
]);

/**
 * Reads the words as CHP does: a flag that has a value takes the next word whatever it looks like, and an empty value
 * counts as not given. Unlike CHP it goes on after a mistake, to name them all.
 */
export function readWords(argv: readonly string[]): Words {
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const problems: Problem[] = [];
  const rest = [...argv];

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = word, inline] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const flag = FLAGS.get(name);
    if (!word.startsWith('-') || word === '--') {
      problems.push({ place: 'command line', message: `${strayWord(word)} belongs to no option` });
    } else if (flag === undefined) {
      problems.push({ place: name, message: `is no option${didYouMean(name, [...FLAGS.keys()])}` });
      if (inline === undefined && rest[0] !== undefined && !rest[0].startsWith('-')) rest.shift();
    } else if (flag.value === undefined) {
      if (inline === undefined) values.set(name, '');
      else problems.push({ place: name, message: 'takes no value' });
    } else {
      take(flag, inline ?? rest.shift());
    }
  }
  return { values, lists, problems };

  function take({ name, repeatable }: ChpFlag, text: string | undefined): void {
    if (text === undefined) problems.push({ place: name, message: 'found nothing, want a value' });
    else if (text === '') values.delete(name);
    else if (repeatable) lists.set(name, [...(lists.get(name) ?? []), text]);
    else values.set(name, text);
  }
}

function ownFlags(key: Key): ChpFlag[] {
  const { kind, description } = settingOf(key);
  const flag = { name: `--${key}`, about: description };
  return kind === 'boolean' ? [flag, { ...flag, name: `--no-${key}` }] : [{ ...flag, value: kind.toUpperCase() }];
}
