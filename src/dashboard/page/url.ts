/** The address of a link that someone else has given; undefined unless a browser may follow it without running anything. */
export function httpUrl(given: string, base = document.baseURI): string | undefined {
  if (!URL.canParse(given, base)) return undefined;
  const { protocol, href } = new URL(given, base);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}
