/** A target as people may read it: a user name with its password, and a query, may be secrets. */
export function maskTarget(target: string): string {
  return target.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, '$1').replace(/\?.*$/s, '?…');
}
