import { describeError } from '../errors.ts';
import { ACTOR_PARAMS, actorOf } from './actor.ts';
import type { Endpoint } from './context.ts';
import { errorResponses, withToken } from './responses.ts';
import type { Verified } from './traffic/schemas.ts';

/** `POST /verify`: what SIGHUP asks of the proxy, with an answer. */
export const verify: Endpoint = (app, context) => {
  const { events, status, authorizeWhole } = context;
  app.post('/verify', {
    preHandler: authorizeWhole,
    schema: {
      operationId: 'verify',
      tags: ['operation'],
      summary: 'Have the proxy checked against the whole table',
      description:
        'As SIGHUP does. What is missing or wrong is put right; answers once the proxy has shown that it serves all.',
      headers: ACTOR_PARAMS,
      response: {
        200: { $ref: 'Verified#' },
        ...errorResponses('FORBIDDEN', 'READ_ONLY', 'NOT_IN_NAMESPACE', 'NOT_SERVED', 'SHUTTING_DOWN'),
      },
      ...withToken('curl -X POST -H "Authorization: token $TOKEN" $API/verify'),
    },
    handler: async (request): Promise<Verified> => {
      const began = performance.now();
      const actor = actorOf(request);
      try {
        await context.verify();
      } catch (error) {
        events.add({ kind: 'action', level: 'error', actor, text: `Verified: ${describeError(error)}` });
        throw error;
      }
      const { wanted, served } = status.generation();
      events.add({ kind: 'action', actor, text: `Verified: the proxy serves generation ${served}` });
      return { wanted, served, ms: Math.round(performance.now() - began) };
    },
  });
};
