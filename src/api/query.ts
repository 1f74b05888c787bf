import { SignalboxError } from '../errors.ts';

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

/** One of some words; the first one when none is given. */
export function choiceOf<T extends string>(query: URLSearchParams, name: string, choices: readonly [T, ...T[]]): T {
  const given = query.get(name) || choices[0];
  const found = choices.find((choice) => choice === given);
  if (found === undefined) throw badQuery(name, `one of ${choices.join(', ')}`);
  return found;
}

/** A whole number; undefined when none is given. */
export function numberOf(
  query: URLSearchParams,
  name: string,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const given = query.get(name);
  if (!given) return undefined;
  const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw badQuery(name, `a whole number from ${from} to ${to}`);
}

/** `1` or `true`, `0` or `false`, the default. */
export function flagOf(query: URLSearchParams, name: string): boolean {
  return ['1', 'true'].includes(choiceOf(query, name, ['0', '1', 'false', 'true']));
}

/** What was given may be long, and is not repeated. */
export function badQuery(name: string, expected: string): SignalboxError {
  return new SignalboxError('BAD_PARAMETER', `The parameter ${name} of the query must be ${expected}`, {
    hint: 'docs/rest-api.md and GET /openapi.json tell what each parameter takes.',
  });
}
