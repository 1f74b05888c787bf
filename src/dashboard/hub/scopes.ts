/*
 * Scopes of the Hub as `GET /user` gives them: expanded, and each either of everything (`delete:servers`) or of what its
 * filter names (`delete:servers!user=ada`, `!group=`, `!server=`, `!service=`).
 * https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html
 */

/** Is this held without a filter? */
export function holds(scopes: readonly string[], name: string): boolean {
  return scopes.includes(name);
}

/** Is this held at least for something? Of what, the Hub knows best: it knows who is in which group. */
export function holdsForSome(scopes: readonly string[], name: string): boolean {
  return scopes.some((scope) => withoutFilter(scope) === name);
}

/** May they look? One of those that the Hub wants (`access:services!service=signalbox`), or the same without its filter. */
export function mayLook(scopes: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((one) => holds(scopes, one) || holds(scopes, withoutFilter(one)));
}

function withoutFilter(scope: string): string {
  return scope.split('!', 1)[0] ?? scope;
}
