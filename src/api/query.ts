/** The query of a request's URL. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start).split('#', 1)[0]);
}

/** For the OpenAPI document. */
export const STATS_PARAM = {
  type: 'string',
  enum: ['1', 'true'],
  description: 'Adds `stats` to each route: how it was used since Signalbox started. Not with `--no-activity`.',
};

/** Are statistics asked for? */
export function wantsStats(query: URLSearchParams): boolean {
  return STATS_PARAM.enum.includes(query.get('stats') ?? '');
}
