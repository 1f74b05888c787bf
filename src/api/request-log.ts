import type { FastifyInstance } from 'fastify';
import { actorOf } from './actor.ts';
import type { ApiOptions } from './context.ts';
import type { View } from './namespaces/view.ts';

/** One line a request. The query is left out, as CHP does: someone may put a token there. */
export function logRequests(app: FastifyInstance, log: ApiOptions['log']): void {
  app.addHook('onResponse', async (request, reply) => {
    const status = reply.statusCode;
    // A probe that hears "not yet" is no news: what is wrong is logged where it is found.
    const isProbe = /^\/(?:readyz|healthz)$/.test(request.originalUrl);
    const level = isProbe
      ? 'debug'
      : status >= 500
        ? 'warn'
        : status >= 400 || request.method !== 'GET'
          ? 'info'
          : 'debug';
    const path = request.originalUrl.split('?', 1)[0];
    // Two Hubs may each have a /user/ada. None where the token was not looked at.
    const view = request.view as View | undefined;
    const actor = view && view.namespace === undefined ? actorOf(request) : undefined;
    log[level](
      { method: request.method, path, namespace: view?.namespace, actor, status, ms: Math.round(reply.elapsedTime) },
      'API request',
    );
  });
}
