import type { FastifyInstance } from 'fastify';
import { SignalboxError } from '../errors.ts';
import type { ApiOptions } from './context.ts';
import type { Endpoints } from './endpoints.ts';
import { errorAnswer } from './errors.ts';

/** Gives every error its status and its JSON body. */
export function answerErrors(app: FastifyInstance, log: ApiOptions['log']): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = errorAnswer(error);
    if (body.code === 'INTERNAL') log.error({ err: error, method: request.method }, 'a request to the API failed');
    // Another replica may be able to, which a kept connection would not lead to.
    if (body.code === 'STORE_FAILED') reply.header('connection', 'close');
    return reply.code(status).send(body);
  });
  // RFC 8259 section 11: application/json has no charset parameter; CHP sends none, Fastify does.
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json;'))
      reply.header('content-type', 'application/json');
    return payload;
  });
}

/** Refuses other paths and methods, before the token and the body are looked at, as CHP does. */
export function refuseUnknown(app: FastifyInstance, endpoints: Endpoints): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const methods = endpoints.methodsOf(request.url);
    if (methods.length === 0) {
      throw new SignalboxError('NOT_FOUND', 'Not Found', { hint: 'GET /openapi.json lists what there is.' });
    }
    reply.header('allow', methods.join(', '));
    throw new SignalboxError('METHOD_NOT_SUPPORTED', 'Method not supported', {
      hint: `Use one of ${methods.join(', ')}.`,
    });
  });
}
