import { readNamespaces } from './namespaces/read.ts';
import { parseValue } from './parse.ts';
import { type Problem, quote } from './problem.ts';
import { isList, KEYS, type Key, settingOf, type Values } from './schema.ts';
import type { Given, Source } from './source.ts';

/** One value for every key, out of all sources. */
export interface Choice {
  readonly values: Values;
  /** Keys whose strongest value is wrong; `values` holds a weaker one or none. */
  readonly broken: ReadonlySet<Key>;
  /** Where the value stands; undefined for a default. */
  readonly placeOf: (key: Key) => string | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Parses everything that is given, also what a stronger source overrides: a mistake there would show up at the worst
 * time, when the stronger one goes away. Later sources are stronger.
 */
export function choose(sources: readonly Source[], defaults: ReadonlyMap<Key, string>, cwd: string): Choice {
  const problems: Problem[] = [];
  const broken = new Set<Key>();
  const values = new Map<Key, unknown>();
  const places = new Map<Key, string>();

  const items = sources.flat();
  const given = new Set(items.map(({ key }) => key));
  for (const [key, text] of defaults) {
    const parsed = parseValue(text, settingOf(key), cwd);
    if (parsed.ok) {
      values.set(key, parsed.value);
    } else if (!given.has(key)) {
      // only the computed default can be wrong: a home folder with a quote in its name
      problems.push({ place: key, message: `the default ${quote(text)} can't be used, want ${parsed.want}` });
    }
  }
  for (const item of items) {
    if ('message' in item) {
      problems.push(item);
      continue;
    }
    const { key, text, place, named, branches } = item;
    if (branches !== undefined) {
      const read = readNamespaces(branches, cwd);
      problems.push(...read.problems);
      values.set(key, read.value);
      places.set(key, place);
      if (read.problems.length > 0) broken.add(key);
      continue;
    }
    // NUL is wrong in every list, where an empty text is an empty one
    const parsed = parseValue(item.instead !== undefined && isList(key) ? '\0' : text, settingOf(key), cwd);
    if (parsed.ok) {
      values.set(key, parsed.value);
      places.set(key, place);
      broken.delete(key);
    } else {
      problems.push({ place, key: named ? undefined : key, message: explain(item, parsed) });
      broken.add(key);
    }
  }

  const all = Object.fromEntries(KEYS.map((key) => [key, values.get(key)])) as Values;
  return { values: all, broken, placeOf: (key) => places.get(key), problems };
}

function explain({ key, text, instead }: Given, { want, hide = false }: { want: string; hide?: boolean }): string {
  if (instead !== undefined) return `found ${instead}, want ${want}`;
  return hide || settingOf(key).neverEcho === true ? `want ${want}` : `found ${quote(text)}, want ${want}`;
}
