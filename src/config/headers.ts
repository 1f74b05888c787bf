/** A header that requests to backends get. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

export const HEADER_WANT =
  'NAME: VALUE such as X-Hub: blue, without control characters; with 8 dashes at most; not Connection, Content-Length, Transfer-Encoding or Upgrade';

/** They say how one connection is used, and are nginx's to write. */
const FRAMING = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade']);

/** All spellings with underscores in their place are kept from clients (see header-aliases.ts): twice as many for each. */
const MOST_DASHES = 8;

/** Reads one `NAME: VALUE` a line; undefined when a line is none. Of a name that stands twice the last counts. */
export function parseHeaders(text: string): readonly Header[] | undefined {
  const headers = new Map<string, Header>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const header = parseHeader(line);
    if (header === undefined) return undefined;
    headers.set(header.name.toLowerCase(), header);
  }
  return [...headers.values()];
}

/** The name is a token (RFC 9110 §5.6.2); what else goes is up to the value. */
function parseHeader(line: string): Header | undefined {
  const { name, value } = /^\s*(?<name>[\w!#$%&'*+.^`|~-]+)\s*:(?<value>.*)$/s.exec(line)?.groups ?? {};
  if (name === undefined || value === undefined || FRAMING.has(name.toLowerCase())) return undefined;
  if (name.split(/[-_]/).length - 1 > MOST_DASHES) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value) ? undefined : { name, value: value.trim() };
}
