import type { Endpoint } from './context.ts';
import { errorResponses } from './responses.ts';
import { Health } from './schemas.ts';

const HIDDEN = 'ask with the token that Signalbox was started with';

/** `GET /healthz` and `GET /readyz`, for whoever restarts processes and balances load. No token. */
export const health: Endpoint = (app, { status, mayKnowAll }) => {
  app.get('/healthz', {
    schema: {
      operationId: 'getHealth',
      tags: ['operation'],
      summary: 'Is the process alive?',
      description:
        'Answers as long as Signalbox runs, whatever the proxy does: restarting Signalbox would not mend that.',
      response: { 200: Health, ...errorResponses() },
      'x-curl': 'curl $API/healthz',
    },
    handler: () => ({ status: 'ok' }),
  });

  app.get('/readyz', {
    schema: {
      operationId: 'getReadiness',
      tags: ['operation'],
      summary: 'Does the proxy serve the table?',
      description:
        `Ready, too, while changes are on their way to the proxy, for two seconds, and when the proxy refuses a route and ` +
        'serves all others: GET /status lists it. Otherwise one route could take the proxy away from all users.',
      response: {
        200: { $ref: 'Readiness#', description: 'It does' },
        503: {
          $ref: 'Readiness#',
          description: 'It does not; `reason` says why; with namespaces only to the token for the whole table',
        },
        ...errorResponses(),
      },
      'x-curl': 'curl $API/readyz',
    },
    handler: (request, reply) => {
      const found = status.notReady();
      // It may name the routes of a namespace.
      const reason = found === undefined || mayKnowAll(request) ? found : HIDDEN;
      const lease = status.lease();
      reply.code(reason === undefined ? 200 : 503);
      return {
        ready: reason === undefined,
        ...(reason !== undefined && { reason }),
        generation: status.generation(),
        ...(lease !== undefined && { lease }),
      };
    },
  });
};
