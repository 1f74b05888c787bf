import { type Endpoint, rawUrl } from '../context.ts';
import { freshTable } from '../fresh.ts';
import { badQuery, queryOf } from '../query.ts';
import { errorResponses, withToken } from '../responses.ts';
import { noRoute } from '../route-params.ts';
import type { TrafficOfRoute } from './schemas.ts';

/** `GET /traffic/route`. The key is in the query: in a path a proxy between us and the client may change it. */
export const trafficRoute: Endpoint = (app, context) => {
  app.get('/traffic/route', {
    preHandler: context.authorizeWhole,
    schema: {
      operationId: 'getTrafficOfRoute',
      tags: ['traffic'],
      summary: 'One route in detail',
      description:
        'How it was used in the last hour and since Signalbox started, and why its `last_activity` is what it is.',
      querystring: {
        type: 'object',
        required: ['key'],
        properties: {
          key: { type: 'string', description: 'Key of the route, as the lists have it, percent-encoded.' },
        },
      },
      response: {
        200: { $ref: 'TrafficOfRoute#' },
        ...errorResponses('BAD_PARAMETER', 'FORBIDDEN', 'NOT_IN_NAMESPACE', 'NOT_FOUND', 'STORE_FAILED'),
      },
      ...withToken('curl -H "Authorization: token $TOKEN" "$API/traffic/route?key=%2Fuser%2Falice"'),
    },
    handler: async (request, reply): Promise<TrafficOfRoute> => {
      const key = queryOf(rawUrl(request)).get('key');
      if (!key) throw badQuery('key', 'the key of a route, such as %2Fuser%2Falice');
      await freshTable(context, reply, key);
      const found = context.history.route(key);
      if (!found) throw noRoute(key);
      return found;
    },
  });
};
