import { type Endpoint, rawUrl } from './context.ts';
import { numberOf, queryOf } from './query.ts';
import { errorResponses, withToken } from './responses.ts';

/** `GET /events`: what has happened since the daemon started. */
export const events: Endpoint = (app, context) => {
  const { events: ring, authorizeWhole } = context;
  app.get('/events', {
    preHandler: authorizeWhole,
    schema: {
      operationId: 'getEvents',
      tags: ['operation'],
      summary: 'What happened lately',
      description:
        'The last 1,000 events since the start, in memory: changes of routes with who asked for them (the first 20 of a ' +
        'request by name), failures and recoveries, reloads and restarts of the proxy, refused templates and routes. With ' +
        'several replicas each has its own.',
      querystring: {
        type: 'object',
        properties: {
          after: { type: 'integer', description: 'Only events with a greater `id`' },
          limit: { type: 'integer', description: 'Only so many of them, the newest' },
        },
      },
      response: { 200: { $ref: 'Events#' }, ...errorResponses('BAD_PARAMETER', 'FORBIDDEN', 'NOT_IN_NAMESPACE') },
      ...withToken('curl -H "Authorization: token $TOKEN" "$API/events?after=0"'),
    },
    handler: async (request) => {
      const query = queryOf(rawUrl(request));
      return {
        time: Date.now(),
        since: ring.since,
        ...ring.after(numberOf(query, 'after', 0) ?? 0, numberOf(query, 'limit', 0)),
      };
    },
  });
};
