import { SignalboxError } from '../errors.ts';

/** The query of a request's URL. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start).split('#', 1)[0]);
}

/** A whole number in the query, 0 or more; undefined where it isn't given. */
export function countIn(query: URLSearchParams, name: string): number | undefined {
  const given = query.get(name);
  if (given === null || given === '') return undefined;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new SignalboxError('BAD_PARAMETER', `${name} must be a whole number, not ${JSON.stringify(given)}`);
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
