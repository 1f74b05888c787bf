import { SignalboxError } from '../errors.ts';
import { type Entry, entryJson } from '../routes/route.ts';
import { type ApiContext, type Endpoint, rawUrl, sendJson } from './context.ts';
import { TABLE_URL } from './endpoints.ts';
import { queryOf, STATS_PARAM, wantsStats } from './query.ts';
import { errorResponses, withToken } from './responses.ts';
import { RouteTable } from './schemas.ts';

/** `GET /api/routes`. */
export const tableGet: Endpoint = (app, { table, stats, authorize }) => {
  app.get(TABLE_URL, {
    preHandler: authorize,
    schema: {
      operationId: 'getTable',
      tags: ['routes'],
      summary: 'All routes',
      description:
        'The whole table, or with `inactiveSince` the routes whose last activity is strictly earlier. With a slash at ' +
        'the end it is the same.',
      querystring: {
        type: 'object',
        properties: {
          inactiveSince: {
            type: 'string',
            description: 'A date, best in ISO 8601. Empty counts as not given. `inactive_since` is the older spelling.',
          },
          stats: STATS_PARAM,
        },
      },
      response: { 200: RouteTable, ...errorResponses('BAD_DATE', 'FORBIDDEN') },
      ...withToken('curl -H "Authorization: token $TOKEN" "$API/api/routes?inactiveSince=2026-01-31T12:00:00Z"'),
    },
    handler: (request, reply) => {
      const query = queryOf(rawUrl(request));
      return sendJson(reply, tableJson(table.entries(), inactiveSince(query), wantsStats(query) ? stats : undefined));
    },
  });
};

/** The time that the query asks for in milliseconds, undefined when it asks for none. Read as CHP reads it. */
function inactiveSince(query: URLSearchParams): number | undefined {
  const given = query.get('inactiveSince') || query.get('inactive_since');
  if (!given) return undefined;
  const time = Date.parse(given);
  if (Number.isFinite(time)) return time;
  throw new SignalboxError('BAD_DATE', `Invalid datestamp '${given}' must be ISO8601.`, {
    hint: 'Write it like 2026-01-31T12:00:00Z.',
  });
}

// Text put together by hand: the data of every route is JSON text already, so that 100,000 routes take no parsing.
function tableJson(
  entries: Iterable<Entry>,
  since = Number.POSITIVE_INFINITY,
  stats: ApiContext['stats'] = () => undefined,
): string {
  const now = Date.now();
  const rows: string[] = [];
  for (const entry of entries) {
    const { key } = entry.route;
    if (Math.min(entry.lastActivity, now) < since)
      rows.push(`${JSON.stringify(key)}:${entryJson(entry, now, stats(key))}`);
  }
  return `{${rows.join(',')}}`;
}
