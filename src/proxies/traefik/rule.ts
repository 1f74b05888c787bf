import { quoteRegexp, quoteRule } from './quote.ts';
import { spellings, spellingsRegexp } from './spelling.ts';
import type { TraefikSettings } from './variables.ts';

type Ways = Pick<TraefikSettings, 'host_routing' | 'tree'>;

/** Code points, both included. */
export interface Range {
  readonly first: string;
  readonly last: string;
}

/** More spellings than this are a regular expression: it costs as much to compare and less to read. */
const MOST_ALTERNATIVES = 2;

/**
 * The rule for what begins with a text; a path counts as if it ended in a slash, so `/user/ada/` takes `/user/ada` and all
 * below it, but not `/user/adam`. `next` says which character has to follow. With host routing the text begins with the
 * host. Undefined: no request can have such a host.
 */
export function ruleFor(text: string, { host_routing, tree }: Ways, next?: Range): string | undefined {
  // In the tree the second slash is always plain: see secondSlash in odd-path.ts.
  const plain = tree ? 2 : 1;
  if (!host_routing || (text === '/' && next === undefined)) return pathRule(text, plain, next);
  const end = text.indexOf('/', 1);
  if (end < 0) return hostPrefixRule(text.slice(1), next);
  const host = hostRule(text.slice(1, end));
  const path = text.slice(end);
  if (host === undefined || (path === '/' && next === undefined)) return host;
  return `${host} && (${pathRule(path, plain, next)})`;
}

function pathRule(text: string, plain: number, next?: Range): string {
  if (next) return regexpRule('PathRegexp', `^${spellingsRegexp(text)}${rangeClass(next)}`);
  if (text === '/') return 'PathPrefix(`/`)';
  const whole = text.endsWith('/');
  const start = whole ? text.slice(0, -1) : text;
  const ways = spellings(start, MOST_ALTERNATIVES, plain);
  if (!ways) return regexpRule('PathRegexp', `^${spellingsRegexp(start)}${whole ? '(?:/|%2F|$)' : ''}`);
  const prefix = anyOf(ways.map((way) => `PathPrefix(${quoteRule(way)})`));
  // Most requests are for other routes, and the first half already excludes them.
  return whole ? `${prefix} && ${anyOf(ways.flatMap(wholeRules))}` : prefix;
}

function wholeRules(way: string): string[] {
  return [`Path(${quoteRule(way)})`, `PathPrefix(${quoteRule(`${way}/`)})`, `PathPrefix(${quoteRule(`${way}%2F`)})`];
}

function anyOf(rules: readonly string[]): string {
  return rules.length === 1 ? (rules[0] as string) : `(${rules.join(' || ')})`;
}

/** Go's server refuses requests whose Host has any other character (httpguts.ValidHostHeader). */
const HOST = /^[a-z0-9!$%&'()*+,\-.:;=[\]_~]*$/;

function hostRule(host: string): string | undefined {
  if (!HOST.test(host) || host === '') return undefined;
  // Traefik compares without the brackets of an IPv6 address. A star is a wildcard for later versions.
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return /^[a-z0-9._:-]+$/.test(bare) ? `Host(${quoteRule(bare)})` : regexpRule('HostRegexp', `^${quoteRegexp(bare)}$`);
}

function hostPrefixRule(start: string, next?: Range): string | undefined {
  if (!HOST.test(start)) return undefined;
  return regexpRule('HostRegexp', `^${quoteRegexp(start)}${next ? rangeClass(next) : ''}`);
}

function regexpRule(matcher: string, expression: string): string {
  return `${matcher}(${quoteRule(expression)})`;
}

function rangeClass({ first, last }: Range): string {
  return `[${codePoint(first)}-${codePoint(last)}]`;
}

function codePoint(character: string): string {
  return `\\x{${(character.codePointAt(0) as number).toString(16)}}`;
}
