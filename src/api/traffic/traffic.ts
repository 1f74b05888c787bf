import { type Endpoint, rawUrl } from '../context.ts';
import { numberOf, queryOf } from '../query.ts';
import { errorResponses, withToken } from '../responses.ts';
import type { Traffic } from './schemas.ts';

/** `GET /traffic`. */
export const traffic: Endpoint = (app, { history, authorizeWhole }) => {
  app.get('/traffic', {
    preHandler: authorizeWhole,
    schema: {
      operationId: 'getTraffic',
      tags: ['traffic'],
      summary: 'Requests, errors, times and changes of the last hour',
      description: 'Of this Signalbox and its proxy alone, also where several share a table; kept in memory.',
      querystring: {
        type: 'object',
        properties: {
          since: {
            type: 'integer',
            description:
              'Leaves out samples that were over by then, ms since 1970. Give the last of `fine.times` to get what has come since: ' +
              'that sample was not over yet.',
          },
        },
      },
      response: { 200: { $ref: 'Traffic#' }, ...errorResponses('BAD_PARAMETER', 'FORBIDDEN', 'NOT_IN_NAMESPACE') },
      ...withToken('curl -H "Authorization: token $TOKEN" $API/traffic'),
    },
    handler: (request): Traffic => history.overview(numberOf(queryOf(rawUrl(request)), 'since', 0)),
  });
};
