import type { Filters } from '../../render/templates.ts';

/**
 * The one place where strings from outside become Traefik configuration. The result is a double-quoted scalar of YAML in
 * printable ASCII, so that no reader of YAML can see anything else in it. A brace is written as its number, because the file
 * first runs through Go's text/template, where two of them begin an action.
 */
export function quoteYaml(text: string): string {
  let quoted = '"';
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) as number;
    if (code > 0xffff) quoted += `\\U${hex(code, 8)}`;
    else if (code < 0x20 || code > 0x7e || character === '{') quoted += `\\u${hex(code, 4)}`;
    else if (character === '"' || character === '\\') quoted += `\\${character}`;
    else quoted += character;
  }
  return `${quoted}"`;
}

/**
 * A string in a rule, which is a string of Go. Within backticks every character stands for itself; a text with a backtick, or with
 * anything but printable ASCII, is written in double quotes. The rule itself is then quoted for YAML.
 */
export function quoteRule(text: string): string {
  if (/^[ -_a-~]*$/.test(text)) return `\`${text}\``;
  let quoted = '"';
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) as number;
    if (code > 0xffff) quoted += `\\U${hex(code, 8)}`;
    else if (code > 0x7e) quoted += `\\u${hex(code, 4)}`;
    else if (code < 0x20 || '"\\`'.includes(character)) quoted += `\\x${hex(code, 2)}`;
    else quoted += character;
  }
  return `${quoted}"`;
}

/** A regular expression (RE2) that matches this text alone. */
export function quoteRegexp(text: string): string {
  return text.replace(/[^A-Za-z0-9_/-]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code > 0x7e ? character : `\\x${hex(code, 2)}`;
  });
}

/** For templates: `{{ name | yaml }}`; a list becomes a list. */
export const TRAEFIK_FILTERS: Filters = {
  yaml: (value) => (Array.isArray(value) ? `[${value.map(quote).join(', ')}]` : quote(value)),
};

function quote(value: unknown): string {
  return quoteYaml(String(value));
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
