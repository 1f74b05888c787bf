import type { RouteHandlerMethod } from 'fastify';
import { SignalboxError } from '../errors.ts';
import { ACTOR_PARAMS } from './actor.ts';
import type { Endpoint } from './context.ts';
import { keyOf, ROUTE_URL, TABLE_URL } from './endpoints.ts';
import { CHANGE_ERRORS, errorResponses, withToken } from './responses.ts';
import { isGivenRoute, routeOf } from './route-of.ts';
import { ROUTE_PARAMS } from './route-params.ts';
import { submit } from './submit.ts';

/** `POST /api/routes/ROUTESPEC`; without a path, the root. */
export const routePost: Endpoint = (app, context) => {
  const { config, parseAndAuthorize } = context;

  const handler: RouteHandlerMethod = async (request, reply) => {
    if (!isGivenRoute(request.body)) {
      throw new SignalboxError('BAD_TARGET', "Must specify 'target' as string", {
        hint: 'Send a JSON object such as {"target": "http://127.0.0.1:9000"}.',
      });
    }
    const { view } = request;
    const key = view.toStored(keyOf(request, view.keys));
    const route = routeOf(key, request.body, config.hostRouting);
    await submit(context, request, reply, 'post', { clear: undefined, set: [{ route }], remove: [] });
    return reply.code(201).send();
  };

  app.post(TABLE_URL, { preHandler: parseAndAuthorize, schema: { hide: true }, handler });
  app.post(ROUTE_URL, {
    preHandler: parseAndAuthorize,
    schema: {
      operationId: 'setRoute',
      tags: ['routes'],
      summary: 'Add or replace a route',
      description:
        'Answers 201 once the proxy serves the route. The body may have any content type. It replaces an earlier ' +
        'route of that path as a whole and counts as activity; `last_activity` in it is ignored.',
      params: ROUTE_PARAMS,
      headers: ACTOR_PARAMS,
      body: { $ref: 'RouteData#' },
      response: {
        201: { type: 'null', description: 'The proxy serves the route' },
        ...errorResponses('TOO_LARGE', 'BAD_JSON', 'BAD_TARGET', 'BAD_ROUTESPEC', 'OVER_QUOTA', ...CHANGE_ERRORS),
      },
      ...withToken(
        `curl -H "Authorization: token $TOKEN" -d '{"target": "http://127.0.0.1:9000"}' $API/api/routes/user/alice`,
      ),
    },
    handler,
  });
};
