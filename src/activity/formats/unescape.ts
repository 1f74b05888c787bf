/** `\n` and the like of escape=json. */
const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/**
 * Undoes how nginx escapes the value of a variable in a log: `\xC3\xA9` (bytes) by default, `\"`, `\n` and `\u001f` with
 * `escape=json`. Both can be undone at once, as neither produces the other's escapes.
 */
export function unescapeLog(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/(?:\\x[0-9A-Fa-f]{2})+|\\u([0-9A-Fa-f]{4})|\\(.)/gs, (part, code?: string, char?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (char !== undefined) return SHORT[char] ?? char;
    return Buffer.from(part.replaceAll('\\x', ''), 'hex').toString('utf8');
  });
}
