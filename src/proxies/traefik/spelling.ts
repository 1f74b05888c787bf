import { quoteRegexp } from './quote.ts';

/**
 * Rules see a path with its percent-encoding undone, but not that of RFC 3986's reserved characters and of the percent
 * (withRoutingPath in Traefik's muxer); hexadecimal digits are capitals there. So most of these characters have two spellings,
 * and a rule needs both, as configurable-http-proxy decodes them all.
 */
const TWICE = "/:[]@!$&'()*+,;=";
const ENCODED = '%?#';

/**
 * The ways a text may be written in a path that a rule sees; undefined when there are more than `most`. `plain`: how many
 * slashes in front are never encoded.
 */
export function spellings(text: string, most: number, plain: number): string[] | undefined {
  let ways = [''];
  let slashes = 0;
  for (const character of text) {
    if (character === '/') slashes++;
    const forms = character === '/' && slashes <= plain ? [character] : formsOf(character);
    if (ways.length * forms.length > most) return undefined;
    ways = forms.flatMap((form) => ways.map((way) => way + form));
  }
  return ways;
}

/** A regular expression (RE2) for all of them; the first slash of a path is always a plain one. */
export function spellingsRegexp(text: string): string {
  return [...text]
    .map((character, index) => {
      const forms = index === 0 ? [character] : formsOf(character);
      const quoted = forms.map(quoteRegexp);
      return quoted.length === 1 ? quoted[0] : `(?:${quoted.join('|')})`;
    })
    .join('');
}

/** Is the character never encoded? */
export function hasOneSpelling(character: string): boolean {
  return !TWICE.includes(character) && !ENCODED.includes(character);
}

function formsOf(character: string): string[] {
  if (ENCODED.includes(character)) return [percent(character)];
  return TWICE.includes(character) ? [character, percent(character)] : [character];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
