import type { Endpoint } from './context.ts';
import { errorResponses, withToken } from './responses.ts';

/** `GET /status`: everything that `signalbox status` shows. */
export const status: Endpoint = (app, context) => {
  app.get('/status', {
    preHandler: context.authorizeWhole,
    schema: {
      operationId: 'getStatus',
      tags: ['operation'],
      summary: 'The state of Signalbox and its proxy',
      response: { 200: { $ref: 'Status#' }, ...errorResponses('FORBIDDEN', 'NOT_IN_NAMESPACE') },
      ...withToken('curl -H "Authorization: token $TOKEN" $API/status'),
    },
    handler: () => context.status.report(),
  });
};
