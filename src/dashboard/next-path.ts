/**
 * The path to go on to after signing in, as it came in a URL: one below the prefix, else the prefix. Nothing that a browser
 * might read as another host, or as another folder, gets through, however it is written.
 */
export function nextPath(text: string | undefined, prefix: string): string {
  if (text === undefined || !text.startsWith(prefix) || !/^\/[\w.~/?=&-]*$/.test(text)) return prefix;
  // What a browser would read otherwise than it is written: dot segments, another host.
  return URL.parse(text, 'http://localhost')?.href === `http://localhost${text}` && !text.startsWith('//')
    ? text
    : prefix;
}
