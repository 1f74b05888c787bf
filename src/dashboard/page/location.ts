/*
 * Where one is, in the fragment of the URL: `#/routes?q=ada&show=errors`. It is not sent to the server, so nothing depends on
 * the prefix, and the document stays, with the token that only it got.
 */

export const VIEWS = ['overview', 'routes', 'route', 'people', 'proxy', 'events'] as const;
export type View = (typeof VIEWS)[number];

export interface Place {
  readonly view: View | 'unknown';
  readonly params: Readonly<Record<string, string>>;
}

export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''), '?');
  const params = Object.fromEntries(new URLSearchParams(query));
  const name = path === '' ? 'overview' : path;
  return { view: VIEWS.find((view) => view === name) ?? 'unknown', params };
}

/** Parameters that are empty are left out. */
export function hashOf(view: View, params: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(given).toString();
  return `#/${view === 'overview' ? '' : view}${query && `?${query}`}`;
}

export const hashOfRoute = (key: string): string => hashOf('route', { key });

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
