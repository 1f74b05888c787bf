import type { Endpoint } from './context.ts';
import { errorResponses } from './responses.ts';

/** `GET /metrics`. No token, like CHP's: it has numbers, no names. */
export const metrics: Endpoint = (app, context) => {
  app.get('/metrics', {
    schema: {
      operationId: 'getMetrics',
      tags: ['operation'],
      summary: "Metrics in Prometheus' text format",
      response: {
        200: { description: 'The metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...errorResponses(),
      },
      'x-curl': 'curl $API/metrics',
    },
    handler: async (_request, reply) => {
      const { contentType, text } = await context.metrics.render();
      return reply.header('content-type', contentType).send(text);
    },
  });
};
