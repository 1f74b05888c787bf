import type { RouteHandlerMethod } from 'fastify';
import { ACTOR_PARAMS } from './actor.ts';
import type { Endpoint } from './context.ts';
import { keyOf, ROUTE_URL, TABLE_URL } from './endpoints.ts';
import { CHANGE_ERRORS, errorResponses, withToken } from './responses.ts';
import { noRoute, ROUTE_PARAMS } from './route-params.ts';
import { submit } from './submit.ts';

/** `DELETE /api/routes/ROUTESPEC`; without a path, the root. */
export const routeDelete: Endpoint = (app, context) => {
  const { authorize } = context;

  const handler: RouteHandlerMethod = async (request, reply) => {
    const { view } = request;
    const given = keyOf(request, view.keys);
    // Submitted even when the table has no such route: a 404 must also mean that the proxy no longer serves it.
    const outcome = await submit(context, request, reply, 'delete', {
      clear: undefined,
      set: [],
      remove: [view.toStored(given)],
    });
    if (outcome.removed === 0) throw noRoute(given);
    return reply.code(204).send();
  };

  app.delete(TABLE_URL, { preHandler: authorize, schema: { hide: true }, handler });
  app.delete(ROUTE_URL, {
    preHandler: authorize,
    schema: {
      operationId: 'deleteRoute',
      tags: ['routes'],
      summary: 'Remove a route',
      description: 'Answers 204 once the proxy does not serve the route any more. Open connections stay.',
      params: ROUTE_PARAMS,
      headers: ACTOR_PARAMS,
      response: {
        204: { type: 'null', description: 'The route is gone' },
        ...errorResponses('BAD_ROUTESPEC', 'NOT_FOUND', ...CHANGE_ERRORS),
      },
      ...withToken('curl -X DELETE -H "Authorization: token $TOKEN" $API/api/routes/user/alice'),
    },
    handler,
  });
};
