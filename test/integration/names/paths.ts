/** Non-empty outer slashes don't count; inner empty segments do. */
export function segmentsOf(path: string): string[] {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** The key that a request for these decoded segments belongs to: the longest one on segment borders. */
export function longestMatch(keys: ReadonlyMap<string, unknown>, path: string): string | undefined {
  const names = segmentsOf(path);
  for (let length = names.length; length >= 0; length--) {
    const key = `/${names.slice(0, length).join('/')}`;
    if (keys.has(key)) return key;
  }
  return undefined;
}

/** Dot segments are resolved before anything is looked up, so such a path is another one. */
export function hasDots(path: string): boolean {
  return path.split('/').some((name) => name === '.' || name === '..');
}

/** Ways to write the same path in a request: as little encoded as may be, as browsers do, and every byte. */
export const writings: Readonly<Record<string, (path: string) => string>> = {
  // Control characters, blanks, `%`, `?` and `#` mean something in a request line, a backslash would be a slash to a browser; the
  // backend takes ASCII only.
  bare: (path) => path.replace(/[^!-~]|[%?#\\]/gu, encodeURIComponent),
  usual: (path) => path.split('/').map(encodeURIComponent).join('/'),
  full: (path) => path.split('/').map(everyByte).join('/'),
};

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}
