import { SignalboxError } from '../errors.ts';
import { knock } from '../process/knock.ts';
import { maskTarget } from '../routes/mask.ts';
import { ACTOR_PARAMS, actorOf } from './actor.ts';
import type { Endpoint } from './context.ts';
import { freshTable } from './fresh.ts';
import { errorResponses, withToken } from './responses.ts';
import { isObject } from './route-of.ts';
import { noRoute } from './route-params.ts';
import type { TargetChecked } from './traffic/schemas.ts';

const PATIENCE_MS = 1_000;
/** At once; others wait. No more, as a name that is looked up holds one of the few threads for that. */
const MOST = 2;

/** `POST /check-target`: does the backend of a route take connections? Of a route in the table, so that nothing else can be tried out. */
export const checkTarget: Endpoint = (app, context) => {
  const { table, events, parseAndAuthorize, authorizeWhole } = context;
  const knockInTurn = inTurn((target: string) => knock(target, PATIENCE_MS), MOST);

  app.post('/check-target', {
    preHandler: [parseAndAuthorize, authorizeWhole],
    schema: {
      operationId: 'checkTarget',
      tags: ['operation'],
      summary: 'Ask whether the backend of a route takes connections',
      description:
        'Signalbox connects to it by itself, and sends nothing: where the proxy runs elsewhere, in another container for ' +
        'instance, it may reach what Signalbox does not.',
      headers: ACTOR_PARAMS,
      body: {
        type: 'object',
        properties: { key: { type: 'string', description: 'Key of a route in the table' } },
        required: ['key'],
      },
      response: {
        200: { $ref: 'TargetChecked#' },
        ...errorResponses(
          'BAD_JSON',
          'BAD_PARAMETER',
          'FORBIDDEN',
          'READ_ONLY',
          'NOT_IN_NAMESPACE',
          'NOT_FOUND',
          'STORE_FAILED',
        ),
      },
      ...withToken(`curl -H "Authorization: token $TOKEN" -d '{"key": "/user/alice"}' $API/check-target`),
    },
    handler: async (request, reply): Promise<TargetChecked> => {
      const key = isObject(request.body) ? request.body.key : undefined;
      if (typeof key !== 'string') {
        throw new SignalboxError('BAD_PARAMETER', "Must specify 'key' as string", {
          hint: 'Send a JSON object such as {"key": "/user/alice"}.',
        });
      }
      await freshTable(context, reply, key);
      const route = table.get(key)?.route;
      if (!route) throw noRoute(key);
      const { address, ms, error } = await knockInTurn(route.target);
      const target = maskTarget(route.target);
      const found =
        error === undefined ? `took a connection within ${Math.ceil(ms)} ms` : `took no connection: ${error}`;
      events.add({ kind: 'action', actor: actorOf(request), key, text: `Checked the backend: ${target} ${found}` });
      return {
        ...{ key, target, address: address ?? null, reachable: error === undefined },
        ...{ ms: error === undefined ? ms : null, error: error ?? null },
      };
    },
  });
};

/** At most `most` of that work at a time. */
function inTurn<A, R>(work: (given: A) => Promise<R>, most: number): (given: A) => Promise<R> {
  const lanes: Promise<unknown>[] = Array.from({ length: most }, () => Promise.resolve());
  let next = 0;
  return (given) => {
    const lane = next++ % most;
    const done = (lanes[lane] as Promise<unknown>).then(() => work(given));
    lanes[lane] = done.catch(() => {});
    return done;
  };
}
