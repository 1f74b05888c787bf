/**
 * A target as people may read it: a user name with its password, and a query, may be secrets. They are left out as a proxy's URL parser finds
 * them, which takes `http:\\me:pw@h` as well. What has none stays as it was given.
 */
export function maskTarget(target: string): string {
  if (!/[@?]/.test(target)) return target;
  // Whatever reads that as a target may find a password anywhere before an `@`.
  if (!URL.canParse(target)) return target.replace(/^.*@/s, '…@').replace(/\?.*$/s, '?…');
  const { protocol, host, pathname, search } = new URL(target);
  // Of `data:me:pw@h` all the rest is one word.
  return host === '' ? `${protocol}…` : `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
