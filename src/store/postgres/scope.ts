/** The part of the table that is replaced, or asked for. */
export type Scope =
  | { readonly kind: 'all' }
  /** The key itself and what is below it. */
  | { readonly kind: 'prefix'; readonly key: string }
  /** Keys whose first segment is it, or ends with a dot and it. */
  | { readonly kind: 'domain'; readonly domain: string };

export const ALL: Scope = { kind: 'all' };

/**
 * The condition that a key is in the scope, and its values, which are numbered from `first` on. Keys are compared byte by byte (COLLATE "C"),
 * so what is below a key is what lies between it with a slash and it with the character after the slash.
 */
export function inScope(scope: Scope, column: string, first: number): { condition: string; values: string[] } {
  if (scope.kind === 'domain') {
    const host = `split_part(${column}, '/', 2)`;
    const domain = `$${first}::text`;
    const below = `right(${host}, length(${domain}) + 1) = '.' || ${domain}`;
    return { condition: `(${host} = ${domain} OR ${below})`, values: [scope.domain] };
  }
  if (scope.kind === 'all' || scope.key === '/') return { condition: 'true', values: [] };
  const key = `$${first}::text`;
  const below = `${column} >= ${key} || '/' AND ${column} < ${key} || '0'`;
  return { condition: `(${column} = ${key} OR ${below})`, values: [scope.key] };
}
