import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { type Endpoint, sendJson } from './context.ts';
import { errorResponses } from './responses.ts';
import { NAMED_SCHEMAS } from './schemas.ts';

/** Makes the OpenAPI document out of the schemas of all endpoints that are registered after this. */
export function registerOpenApi(app: FastifyInstance, version: string): void {
  for (const schema of NAMED_SCHEMAS) app.addSchema(schema);
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Signalbox',
        version,
        description:
          'The REST API of configurable-http-proxy, which JupyterHub speaks, and what Signalbox adds. A change is ' +
          'answered once the proxy really serves it.',
        license: { name: 'BSD-3-Clause', identifier: 'BSD-3-Clause' },
      },
      tags: [
        { name: 'routes', description: 'The table of routes' },
        { name: 'operation', description: 'Watching Signalbox' },
        { name: 'traffic', description: 'How the routes are used' },
      ],
      components: {
        securitySchemes: {
          token: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: '`token VALUE`, as JupyterHub sends it',
          },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
}

/** `GET /openapi.json`. */
export const openApi: Endpoint = (app) => {
  let document: string | undefined;
  app.get('/openapi.json', {
    schema: {
      operationId: 'getOpenApi',
      tags: ['operation'],
      summary: 'This API as an OpenAPI document',
      response: {
        200: { type: 'object', description: 'OpenAPI 3.1', additionalProperties: true },
        ...errorResponses(),
      },
      'x-curl': 'curl $API/openapi.json',
    },
    handler: (_request, reply) => {
      document ??= JSON.stringify(app.swagger());
      return sendJson(reply, document);
    },
  });
};
