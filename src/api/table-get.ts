import { SignalboxError } from '../errors.ts';
import { type Entry, entryJson } from '../routes/route.ts';
import { isInScope } from '../routes/scope.ts';
import { Breather } from '../system/breather.ts';
import { type ApiContext, type Endpoint, rawUrl } from './context.ts';
import { TABLE_URL } from './endpoints.ts';
import { freshTable } from './fresh.ts';
import type { View } from './namespaces/view.ts';
import { queryOf, STATS_PARAM, wantsStats } from './query.ts';
import { errorResponses, withToken } from './responses.ts';
import { RouteTable } from './schemas.ts';

/** `GET /api/routes`. */
export const tableGet: Endpoint = (app, context) => {
  const { table, stats, authorize } = context;
  app.get(TABLE_URL, {
    preHandler: authorize,
    schema: {
      operationId: 'getTable',
      tags: ['routes'],
      summary: 'All routes',
      description:
        'The whole table, or with `inactiveSince` the routes whose last activity is strictly earlier. With a slash at ' +
        'the end it is the same. With the token of a namespace the table is its part alone.',
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
      response: { 200: RouteTable, ...errorResponses('BAD_DATE', 'FORBIDDEN', 'STORE_FAILED') },
      ...withToken('curl -H "Authorization: token $TOKEN" "$API/api/routes?inactiveSince=2026-01-31T12:00:00Z"'),
    },
    handler: async (request, reply) => {
      const query = queryOf(rawUrl(request));
      const since = inactiveSince(query);
      await freshTable(context, reply);
      // The table as it is now: others have their turn while it is written, and may change it.
      const json = await tableJson([...table.entries()], request.view, since, wantsStats(query) ? stats : undefined);
      return reply.header('content-type', 'application/json').send(json);
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

/** Put together by hand: the data of every route is JSON text already, so that 100,000 routes take no parsing. */
async function tableJson(
  entries: readonly Entry[],
  { scope, toShown }: View,
  since = Number.POSITIVE_INFINITY,
  stats: ApiContext['stats'] = () => undefined,
): Promise<Buffer> {
  const now = Date.now();
  const breather = new Breather();
  const parts: Buffer[] = [];
  let part = '{';
  let comma = '';
  for (const entry of entries) {
    const { key } = entry.route;
    if (Math.min(entry.lastActivity, now) >= since || !isInScope(scope, key)) continue;
    part += `${comma}${JSON.stringify(toShown(key))}:${entryJson(entry, now, stats(key))}`;
    comma = ',';
    if (!breather.isDue) continue;
    parts.push(Buffer.from(part));
    part = '';
    await breather.rest();
  }
  return Buffer.concat([...parts, Buffer.from(`${part}}`)]);
}
