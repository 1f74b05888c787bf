/**
 * The path to go on to after signing in, as it came in a URL: one below the prefix, else the prefix. Nothing that a browser
 * might read as another host, or as another folder, gets through, however it is written.
 */
export function nextPath(text: string | undefined, prefix: string): string {
  if (text === undefined || !/^\/[\w.~/?=&-]*$/.test(text) || text.startsWith('//')) return prefix;
  const { origin, pathname, search } = new URL(text, 'http://localhost');
  return origin === 'http://localhost' && pathname.startsWith(prefix) ? pathname + search : prefix;
}
