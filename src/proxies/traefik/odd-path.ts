import { spellingsRegexp } from './spelling.ts';

/*
 * Paths that configurable-http-proxy puts right before it looks for a route: dot segments are resolved, slashes in front count as
 * one. Traefik's own sanitizePath would also merge the slashes inside, which mean something to backends. So routers ask for
 * such a path and have it put right by a middleware, replacePathRegex, which answers 400 when dot segments or double slashes
 * are left then. These are RE2; percent-encodings are in capitals by then, and dots never encoded.
 */

const SLASH = '(?:/|%2F)';
const END = '(?:/|%2F|$)';
const UP = `${SLASH}\\.\\.`;
const ANY = '(?:[^/%]|%[013-9A-F].|%2[0-9A-E])';
const NO_DOT = '(?:[^/%.]|%[013-9A-F].|%2[0-9A-E])';
/** A segment that is neither empty nor of dots. */
const SEGMENT = `${SLASH}(?:\\.?${NO_DOT}${ANY}*|\\.\\.${ANY}+)`;

/** A path with a dot segment. */
export const DOTTED = `${SLASH}\\.{1,2}${END}`;

/** A path that has to be put right. */
export const ODD = `^${SLASH}{2}|${DOTTED}`;

/**
 * What in it becomes a slash. A regular expression can't count, so ways up are written out; each match by itself is resolved
 * correctly, whatever stands around it.
 */
export const TIDY = [
  `^${SLASH}{2,}`,
  `(?:${SLASH}\\.)+${END}`,
  `^(?:${UP})+${END}`,
  ...[4, 3, 2, 1].map((times) => `(?:${SEGMENT}){${times}}(?:${UP}){${times}}${END}`),
].join('|');

/** More first segments than this, and any will do. */
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
