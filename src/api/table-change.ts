import { ACTOR_PARAMS } from './actor.ts';
import type { Endpoint } from './context.ts';
import { TABLE_URL } from './endpoints.ts';
import { CHANGE_ERRORS, errorResponses, withToken } from './responses.ts';
import { NewTable, TablePatch } from './schemas.ts';
import { submit } from './submit.ts';
import { readEntries } from './table-entries.ts';

const RESPONSES = {
  200: { $ref: 'ChangeResult#' },
  ...errorResponses(
    'TOO_LARGE',
    'BAD_JSON',
    'BAD_TABLE',
    'BAD_TARGET',
    'BAD_ROUTESPEC',
    'OVER_QUOTA',
    ...CHANGE_ERRORS,
  ),
};

/** `PUT` and `PATCH /api/routes`: not in CHP; for restoring a table and for changing many routes in one step. */
export const tableChange: Endpoint = (app, context) => {
  const { config, parseTableAndAuthorize: preHandler } = context;

  app.put(TABLE_URL, {
    preHandler,
    schema: {
      operationId: 'replaceTable',
      tags: ['routes'],
      summary: 'Replace the whole table',
      description:
        'Routes that the body lacks are removed, in one step of the proxy. Stricter than POST: every target must be a ' +
        'usable URL. Either all of it is taken or nothing. With the token of a namespace the table is its part alone.',
      headers: ACTOR_PARAMS,
      body: NewTable,
      response: RESPONSES,
      ...withToken('curl -X PUT -H "Authorization: token $TOKEN" -d @table.json $API/api/routes'),
    },
    handler: async (request, reply) => {
      const { view } = request;
      const { set } = await readEntries(request.body, view, config.hostRouting, false);
      return submit(context, request, reply, 'put', { clear: view.scope, set, remove: [] });
    },
  });

  app.patch(TABLE_URL, {
    preHandler,
    schema: {
      operationId: 'changeTable',
      tags: ['routes'],
      summary: 'Change many routes at once',
      description:
        'A merge patch (RFC 7396) of the table: an object sets the route of its key as a whole, null removes it, other ' +
        'routes stay. As strict as PUT. Either all of it is taken or nothing.',
      headers: ACTOR_PARAMS,
      body: TablePatch,
      response: RESPONSES,
      ...withToken(
        `curl -X PATCH -H "Authorization: token $TOKEN" -d '{"/a": {"target": "http://127.0.0.1:9001"}, "/b": null}' $API/api/routes`,
      ),
    },
    handler: async (request, reply) => {
      const { view } = request;
      const entries = await readEntries(request.body, view, config.hostRouting, true);
      return submit(context, request, reply, 'patch', { clear: undefined, ...entries });
    },
  });
};
