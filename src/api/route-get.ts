import { entryJson } from '../routes/route.ts';
import { type Endpoint, rawUrl, sendJson } from './context.ts';
import { keyOf, ROUTE_URL } from './endpoints.ts';
import { freshTable } from './fresh.ts';
import { queryOf, STATS_PARAM, wantsStats } from './query.ts';
import { errorResponses, withToken } from './responses.ts';
import { noRoute, ROUTE_PARAMS } from './route-params.ts';

/** `GET /api/routes/ROUTESPEC`. */
export const routeGet: Endpoint = (app, context) => {
  const { table, stats, authorize } = context;
  app.get(ROUTE_URL, {
    preHandler: authorize,
    schema: {
      operationId: 'getRoute',
      tags: ['routes'],
      summary: 'One route',
      description: 'The data of the route as it was given, with its last activity.',
      params: ROUTE_PARAMS,
      querystring: { type: 'object', properties: { stats: STATS_PARAM } },
      response: {
        200: { $ref: 'RouteEntry#' },
        ...errorResponses('BAD_ROUTESPEC', 'FORBIDDEN', 'NOT_IN_NAMESPACE', 'NOT_FOUND', 'STORE_FAILED'),
      },
      ...withToken('curl -H "Authorization: token $TOKEN" $API/api/routes/user/alice'),
    },
    handler: async (request, reply) => {
      const { view } = request;
      const given = keyOf(request, view.keys);
      const key = view.toStored(given);
      await freshTable(context, reply, key);
      const entry = table.get(key);
      if (!entry) throw noRoute(given);
      const wanted = wantsStats(queryOf(rawUrl(request)));
      return sendJson(reply, entryJson(entry, Date.now(), wanted ? stats(key) : undefined));
    },
  });
};
