import { type Scope, WHOLE_TABLE } from '../../routes/scope.ts';

/**
 * The condition that a key is in the scope, and its values, which are numbered from `first` on. Keys are compared byte by byte (COLLATE "C"),
 * so what is below a key is what lies between it with a slash and it with the character after the slash.
 */
export function inScope(scope: Scope, column: string, first: number): { condition: string; values: string[] } {
  if ('domain' in scope) {
    const host = `split_part(${column}, '/', 2)`;
    const domain = `$${first}::text`;
    const below = `right(${host}, length(${domain}) + 1) = '.' || ${domain}`;
    return { condition: `(${host} = ${domain} OR ${below})`, values: [scope.domain] };
  }
  if (scope.prefix === WHOLE_TABLE.prefix) return { condition: 'true', values: [] };
  const key = `$${first}::text`;
  const below = `${column} >= ${key} || '/' AND ${column} < ${key} || '0'`;
  return { condition: `(${column} = ${key} OR ${below})`, values: [scope.prefix] };
}
