import { spellingsRegexp } from './spelling.ts';

/*
 * Paths that configurable-http-proxy puts right before it looks for a route: dot segments are resolved, slashes in front count as
 * one. Traefik's own sanitizePath would also merge the slashes inside, which mean something to backends. So routers ask for
 * such a path and have it put right by a middleware, replacePathRegex, which answers 400 when dot segments or double slashes
 * are left then, encoded slashes counted. These are RE2; percent-encodings are in capitals by then, dots and backslashes never
 * encoded.
 *
 * Only plain slashes make a dot segment: a browser took `..%2f` for a name when it chose the cookies that go along.
 */

const END = '(?:/|$)';
const UP = '/\\.\\.';
/** A segment that is neither empty nor made of dots. */
const SEGMENT = '/(?:\\.?[^/.][^/]*|\\.\\.[^/]+)';

/*
 * Several expressions stand for one with alternatives: Go looks for the text that an expression begins with, and the longest path is
 * done in a tenth of a microsecond; alternatives it tries at each character, which takes some three.
 */

/** A path with a dot segment. */
export const DOTTED = [`/\\.{1,2}${END}`];

/**
 * A path in which a browser would read backslashes as slashes and resolve dots: refused. Traefik can't tell whether they were
 * encoded, and so no slashes; nobody needs such a path.
 */
export const BACKSLASHED = ['/\\.{1,2}\\\\', '\\\\\\.{1,2}(?:[/\\\\]|$)', '\\\\(?s:.*)/\\.\\.(?:/|$)'];

/** All of these: with SLASHED, what has to be looked at more closely. */
export const ODD = ['/\\.{1,2}(?:[/\\\\]|$)', '\\\\\\.{1,2}(?:[/\\\\]|$)'];

/** What a path with two slashes in front begins with. */
export const SLASHED = ['//', '/%2F'];

/**
 * The parts that become a slash. A regular expression can't count, so each number of `..` is written out; each match is
 * resolved correctly by itself, whatever is around it.
 */
export const TIDY = [
  '^/(?:/|%2F)+',
  `(?:/\\.)+${END}`,
  `^(?:${UP})+${END}`,
  ...[4, 3, 2, 1].map((times) => `(?:${SEGMENT}){${times}}(?:${UP}){${times}}${END}`),
].join('|');

/** With more first segments than this, any segment matches. */
const MOST_NAMES = 50;

/**
 * What in a path leads to the second slash of a routespec when that is encoded, `/user%2Fada`, as a group; undefined where no
 * routespec has one. Such a path has it put right before a route is looked for: if each rule asked for both spellings,
 * every request would pay for what nobody sends.
 */
export function secondSlash(texts: Iterable<string>, hostRouting: boolean): string | undefined {
  const names = new Set<string>();
  for (const text of texts) {
    const path = hostRouting ? text.slice(text.indexOf('/', 1)) : text;
    const end = path.indexOf('/', 1);
    if (end > 0 && end < path.length - 1) names.add(path.slice(1, end));
  }
  if (names.size === 0) return undefined;
  const some = [...names].sort().map((name) => spellingsRegexp(`/${name}`).slice(1));
  return `^(/${names.size > MOST_NAMES ? '[^/]*?' : `(?:${some.join('|')})`})%2F`;
}
