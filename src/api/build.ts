import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import { type Authorizer, createAuthorizer, forbidden, refuseChange } from './auth.ts';
import { type Body, parseBody, parseTable, readBody } from './body.ts';
import { checkTarget } from './check-target.ts';
import { answerClientError } from './client-error.ts';
import type { ApiContext, ApiOptions, Endpoint } from './context.ts';
import { Endpoints } from './endpoints.ts';
import { answerErrors, refuseUnknown } from './error-handlers.ts';
import { events } from './events.ts';
import { health } from './health.ts';
import { metrics } from './metrics.ts';
import { notForNamespaces } from './namespaces/errors.ts';
import { openApi, registerOpenApi } from './openapi.ts';
import { logRequests } from './request-log.ts';
import { routeDelete } from './route-delete.ts';
import { routeGet } from './route-get.ts';
import { routePost } from './route-post.ts';
import { status } from './status.ts';
import { tableChange } from './table-change.ts';
import { tableGet } from './table-get.ts';
import { people } from './traffic/people.ts';
import { trafficRoute } from './traffic/route.ts';
import { trafficRoutes } from './traffic/routes.ts';
import { traffic } from './traffic/traffic.ts';
import { verify } from './verify.ts';

const ENDPOINTS: readonly Endpoint[] = [
  tableGet,
  tableChange,
  routeGet,
  routePost,
  routeDelete,
  status,
  events,
  verify,
  checkTarget,
  health,
  metrics,
  traffic,
  trafficRoutes,
  trafficRoute,
  people,
  openApi,
];

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/**
 * The schemas are for the OpenAPI document. CHP's order of checks (JSON, token, target) and its messages can't be had from validation
 * by schema, so handlers check. Without Fastify's compilers, which are large, the daemon starts sooner and needs less memory.
 */
const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
  // Fastify's type asks for what Ajv's functions have besides.
} as unknown as Compilers;

/** Builds the REST API. It does not listen: whoever starts it does that, and closes it. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const endpoints = new Endpoints();
  const app = Fastify({
    rewriteUrl: (request) => endpoints.patternOf(request.url ?? ''),
    clientErrorHandler: answerClientError,
    exposeHeadRoutes: false,
    // While it closes, requests on open connections are still answered; changes answer SHUTTING_DOWN by themselves.
    return503OnClosing: false,
    // Node's own default, which Fastify turns off.
    requestTimeout: 300_000,
    schemaController: { compilersFactory: NO_COMPILERS },
  });
  app.addHook('onRoute', (route) => endpoints.add(route));
  answerErrors(app, options.log);
  const { config, namespaces } = options;
  const viewOf = createAuthorizer(config, namespaces);
  if (config.readToken)
    app.addHook('onRequest', async ({ headers, method }) => refuseChange(viewOf(headers.authorization), method));
  refuseUnknown(app, endpoints);
  logRequests(app, options.log);

  app.decorateRequest('view');
  takeAnyBody(app, viewOf);
  registerOpenApi(app, options.version);
  const context: ApiContext = { ...options, ...checks(viewOf, namespaces.length > 0) };
  app.register(async (scope) => {
    for (const endpoint of ENDPOINTS) endpoint(scope, context);
  });
  return app;
}

function takeAnyBody(app: FastifyInstance, viewOf: Authorizer): void {
  app.addHook('onRequest', async ({ headers }) => {
    // CHP never looks at it; Fastify answers 415 to one that is not well-formed.
    delete headers['content-type'];
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) => {
    return readBody(stream, () => viewOf(request.headers.authorization) !== undefined);
  });
}

type Checks = 'authorize' | 'authorizeWhole' | 'parseAndAuthorize' | 'parseTableAndAuthorize' | 'mayKnowAll';

function checks(viewOf: Authorizer, hasNamespaces: boolean): Pick<ApiContext, Checks> {
  const authorize = (request: FastifyRequest) => {
    const view = viewOf(request.headers.authorization);
    if (!view) throw forbidden();
    request.view = view;
  };
  const parsing = (parse: (body: Body | undefined) => unknown) => async (request: FastifyRequest) => {
    const body = request.body as Body | undefined;
    if (body === 'too long') authorize(request);
    request.body = await parse(body);
    authorize(request);
  };
  return {
    authorize: async (request) => authorize(request),
    authorizeWhole: async (request) => {
      authorize(request);
      const { namespace } = request.view;
      if (namespace !== undefined) throw notForNamespaces(namespace);
    },
    parseAndAuthorize: parsing(parseBody),
    parseTableAndAuthorize: parsing(parseTable),
    mayKnowAll({ headers }) {
      if (!hasNamespaces) return true;
      const view = viewOf(headers.authorization);
      return view !== undefined && view.namespace === undefined;
    },
  };
}
