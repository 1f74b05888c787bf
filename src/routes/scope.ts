/**
 * A part of the table, as plain data, so that a store can say it in its own language:
 * - `prefix`: the key itself and those below it; `/` is the whole table
 * - `domain`: with host routing, the keys of this host name and of those that end with `.` and it
 */
export type Scope = { readonly prefix: string } | { readonly domain: string };

/** All there is. */
export const WHOLE_TABLE = { prefix: '/' } as const satisfies Scope;

export function isInScope(scope: Scope, key: string): boolean {
  if ('domain' in scope) return isInDomain(scope.domain, hostOf(key));
  return scope.prefix === '/' || key === scope.prefix || key.startsWith(`${scope.prefix}/`);
}

/** Can one key be in both? */
export function overlap(a: Scope, b: Scope): boolean {
  if ('domain' in a) return 'domain' in b ? sameOrBelow(a.domain, b.domain) : reaches(b.prefix, a.domain);
  if ('domain' in b) return reaches(a.prefix, b.domain);
  return isInScope(a, b.prefix) || isInScope(b, a.prefix);
}

function sameOrBelow(a: string, b: string): boolean {
  return isInDomain(a, b) || isInDomain(b, a);
}

/** Are there keys of the domain at or below the prefix? */
function reaches(prefix: string, domain: string): boolean {
  return prefix === '/' || isInDomain(domain, hostOf(prefix));
}

function isInDomain(domain: string, host: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** The first segment of a key, which is the host with host routing. */
function hostOf(key: string): string {
  const end = key.indexOf('/', 1);
  return end < 0 ? key.slice(1) : key.slice(1, end);
}
