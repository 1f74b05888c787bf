/** Which routes a list shows. */
export const SHOWS = ['all', 'active', 'errors', 'slow', 'idle', 'never', 'foreign'] as const;
/** By what they are sorted. */
export const ROUTE_SORTS = ['route', 'owner', 'target', 'open', 'requests', 'errors', 'slow', 'used'] as const;
/** Which people a list shows. */
export const PEOPLE_SHOWS = ['all', 'connected', 'idle'] as const;
/** By what they are sorted. */
export const PEOPLE_SORTS = ['user', 'servers', 'open', 'requests', 'errors', 'used'] as const;

/** What a list is asked for; those that ask for the same share the work. */
export interface Choice<Show, Sort> {
  /** To be found in names, whatever its case; empty for all. */
  readonly q: string;
  readonly show: Show;
  readonly sort: Sort;
  readonly desc: boolean;
}

/** A part of what was found. */
export interface Page<Row> {
  /** How many there are, and how many of them were asked for. */
  readonly total: number;
  readonly matching: number;
  readonly rows: Row[];
}

/** Finds a text whatever its case. */
export function finder(q: string): (text: string) => boolean {
  if (q === '') return () => true;
  const pattern = new RegExp(q.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu');
  return (text) => pattern.test(text);
}
