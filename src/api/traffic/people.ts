import { type Endpoint, rawUrl } from '../context.ts';
import { tellStale } from '../fresh.ts';
import { choiceOf, flagOf, queryOf } from '../query.ts';
import { errorResponses, withToken } from '../responses.ts';
import { choiceParam, LIST_PARAMS, partOf } from './list.ts';
import { PEOPLE_SHOWS, PEOPLE_SORTS, type People } from './schemas.ts';

/** `GET /traffic/people`. */
export const people: Endpoint = (app, { history, authorizeWhole }) => {
  app.get('/traffic/people', {
    preHandler: authorizeWhole,
    schema: {
      operationId: 'getPeople',
      tags: ['traffic'],
      summary: 'People and how their servers are used',
      description:
        'One row for each `user` in the data of the routes, as JupyterHub sets it. `connected`: with an open websocket or upload; `idle`: ' +
        'not active for an hour.',
      querystring: {
        type: 'object',
        properties: {
          q: { type: 'string', description: 'Text in the name, whatever its case.' },
          show: choiceParam(PEOPLE_SHOWS, 'Which of them'),
          sort: choiceParam(PEOPLE_SORTS, 'By what they are sorted'),
          ...LIST_PARAMS,
        },
      },
      response: {
        200: { $ref: 'People#' },
        ...errorResponses('BAD_PARAMETER', 'FORBIDDEN', 'NOT_IN_NAMESPACE', 'STORE_FAILED'),
      },
      ...withToken('curl -H "Authorization: token $TOKEN" "$API/traffic/people?show=connected"'),
    },
    handler: async (request, reply): Promise<People> => {
      const query = queryOf(rawUrl(request));
      const choice = {
        q: query.get('q') ?? '',
        show: choiceOf(query, 'show', PEOPLE_SHOWS),
        sort: choiceOf(query, 'sort', PEOPLE_SORTS),
        desc: flagOf(query, 'desc'),
      };
      const part = partOf(query);
      const { staleMs, ...list } = await history.people(choice, part);
      tellStale(staleMs, reply);
      return { ...list, offset: part.offset };
    },
  });
};
