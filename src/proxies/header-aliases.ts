import type { Config } from '../config/schema.ts';

/** What the proxy tells the backend about the client, and how long a request is. */
const FORWARDED = ['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Port', 'X-Forwarded-Proto'];
const FRAMING = ['Content-Length', 'Transfer-Encoding'];

/**
 * Other spellings of the headers that the proxy sets, `X_Forwarded-For`, which no client may get past it: CGI and what came after
 * it (WSGI, PHP) make underscores of dashes (RFC 3875, 4.1.18), so that for a backend it is the same name.
 */
export function headerAliases({ customHeader, xForward }: Pick<Config, 'customHeader' | 'xForward'>): string[] {
  const custom = customHeader.map(({ name }) => name.toLowerCase());
  const names = [...FRAMING, ...(xForward ? FORWARDED : [])].map((name) => name.toLowerCase());
  const aliases = new Set([...names, ...custom].flatMap(aliasesOf));
  // A name that is itself set is no alias of another.
  for (const name of custom) aliases.delete(name);
  return [...aliases].sort();
}

function aliasesOf(name: string): string[] {
  let spellings = [''];
  for (const part of name.split(/([-_])/)) {
    const ways = part === '-' || part === '_' ? ['-', '_'] : [part];
    spellings = spellings.flatMap((start) => ways.map((way) => start + way));
  }
  return spellings.filter((spelling) => spelling !== name);
}
