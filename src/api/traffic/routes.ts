import { type Endpoint, rawUrl } from '../context.ts';
import { tellStale } from '../fresh.ts';
import { choiceOf, flagOf, queryOf } from '../query.ts';
import { errorResponses, withToken } from '../responses.ts';
import { choiceParam, LIST_PARAMS, partOf } from './list.ts';
import { KINDS, ROUTE_SORTS, SHOWS, type TrafficRoutes } from './schemas.ts';

const KIND_CHOICES = ['all', ...KINDS] as const;

/** `GET /traffic/routes`. */
export const trafficRoutes: Endpoint = (app, { history, authorizeWhole }) => {
  app.get('/traffic/routes', {
    preHandler: authorizeWhole,
    schema: {
      operationId: 'getTrafficRoutes',
      tags: ['traffic'],
      summary: 'Routes and how they are used',
      description:
        'A page of a list that is filtered and sorted here, and made anew every two seconds at most. `active`: open connections, or used in ' +
        'the last 5 minutes; `errors`: answers with 5xx in the last hour; `slow`: 95 % of the first bytes took more than a second; `idle`: not ' +
        'used for an hour; `never`: not used since it was added or since Signalbox started; `foreign`: not of JupyterHub.',
      querystring: {
        type: 'object',
        properties: {
          q: { type: 'string', description: 'Text in the key, the user or the target, whatever its case.' },
          show: choiceParam(SHOWS, 'Which of them'),
          kind: choiceParam(KIND_CHOICES, 'What they belong to'),
          sort: choiceParam(ROUTE_SORTS, 'By what they are sorted'),
          ...LIST_PARAMS,
        },
      },
      response: {
        200: { $ref: 'TrafficRoutes#' },
        ...errorResponses('BAD_PARAMETER', 'FORBIDDEN', 'NOT_IN_NAMESPACE', 'STORE_FAILED'),
      },
      ...withToken('curl -H "Authorization: token $TOKEN" "$API/traffic/routes?show=errors&sort=errors&desc=1"'),
    },
    handler: async (request, reply): Promise<TrafficRoutes> => {
      const query = queryOf(rawUrl(request));
      const kind = choiceOf(query, 'kind', KIND_CHOICES);
      const choice = {
        q: query.get('q') ?? '',
        show: choiceOf(query, 'show', SHOWS),
        kind: kind === 'all' ? undefined : kind,
        sort: choiceOf(query, 'sort', ROUTE_SORTS),
        desc: flagOf(query, 'desc'),
      };
      const part = partOf(query);
      const { staleMs, ...list } = await history.routes(choice, part);
      tellStale(staleMs, reply);
      return { ...list, offset: part.offset };
    },
  });
};
