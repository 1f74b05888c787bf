import cookie from '@fastify/cookie';
import serveFiles from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { answerClientError } from '../api/client-error.ts';
import { NO_COMPILERS } from '../api/no-compilers.ts';
import { SignalboxError } from '../errors.ts';
import { addActions } from './actions.ts';
import type { Daemon } from './daemon.ts';
import { ICON, type Page, pageDocument } from './document.ts';
import { setHeaders } from './headers.ts';
import type { Hub } from './hub/hub-api.ts';
import type { Login } from './login/login.ts';
import { addSignInStyle, sendSignInPage } from './login/sign-in-page.ts';
import { addLooks } from './looks.ts';
import { nextPath } from './next-path.ts';
import { isOurHost, isOurs } from './origin.ts';
import { PAGE_HEADER } from './page-api.ts';
import { type Access, accessOfNavigation, accessOfToken, pageToken } from './page-token.ts';
import { problemOf } from './problem.ts';
import { type Right, rightsOf } from './rights.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Viewer } from './viewer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no session. */
    isOpen?: boolean;
  }
  interface FastifyRequest {
    /** There wherever the URL is not an open one. */
    session: Session;
    /** What the page that asks may do; below api/. */
    access: Access;
  }
}

export interface AppOptions {
  readonly daemon: Daemon;
  readonly login: Login;
  readonly hub: Hub | undefined;
  readonly sessions: Sessions;
  readonly page: Page;
  /** Begins and ends with a slash. */
  readonly prefix: string;
  readonly publicUrl: URL | undefined;
  /** What it is called in Host headers; undefined where any name will do. See isOurHost. */
  readonly hosts: readonly string[] | undefined;
  /** Is there a proxy that says whose requests it passes on? */
  readonly isBehindProxy: boolean;
  /** May the page say that the dashboard is behind Signalbox's own proxy? */
  readonly isOwnRoute: boolean;
  readonly version: string;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
}

/** The most bytes of a request: keys and names. */
const MOST_BYTES = 64 * 1024;

/** Builds the dashboard's server. It does not listen. */
export function buildApp(options: AppOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: MOST_BYTES,
    clientErrorHandler: answerClientError,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: 60_000,
    // The last one of X-Forwarded-For, which the proxy itself has added.
    trustProxy: (_address: string, hop: number) => options.isBehindProxy && hop === 0,
    schemaController: { compilersFactory: NO_COMPILERS },
  });
  app.decorateRequest('session');
  app.decorateRequest('access');
  app.removeContentTypeParser('text/plain');
  app.register(cookie);
  setHeaders(app);
  // Theirs come first: who is refused gets the headers, too.
  app.after(() => addAll(app, options));
  return app;
}

function addAll(app: FastifyInstance, options: AppOptions): void {
  const { prefix, login, sessions, log } = options;
  answerProblems(app, options);
  logRequests(app, log);
  authenticate(app, options);

  const base = prefix.slice(0, -1);
  app.register(async (scope) => {
    openAll(scope);
    if (base !== '') {
      for (const path of new Set(['/', base])) scope.get(path, async (_, reply) => reply.redirect(prefix, 302));
    }
    scope.get(`${base}/healthz`, async () => ({ status: 'ok' }));
    scope.get(`${base}/icon.svg`, async (_, reply) => reply.type('image/svg+xml').send(ICON));
    scope.register(serveFiles, {
      ...{ root: options.page.folder, prefix: `${base}/assets/`, index: false, wildcard: false, decorateReply: false },
      // Their names change with what is in them.
      ...{ preCompressed: true, immutable: true, maxAge: '365d', globIgnore: ['manifest.json', '**/*.br', '**/*.gz'] },
    });
    const pages = async (below: FastifyInstance) => {
      addSignInStyle(below);
      login.register(below, sessions);
    };
    scope.register(pages, { prefix: base });
  });

  app.register(async (scope) => addDocument(scope, options));
  app.register(async (api) => addApi(api, options), { prefix: `${base}/api` });
}

function addDocument(scope: FastifyInstance, { page, prefix }: AppOptions): void {
  scope.get(prefix, async (request, reply) => {
    const access = accessOfNavigation(request);
    if (access === undefined) {
      throw new SignalboxError('FORBIDDEN', 'The page is for a window of its own, not for scripts and frames');
    }
    return reply.type('text/html').send(pageDocument(page, pageToken(request.session, access)));
  });
}

/** Everything that is added to it needs no session. */
function openAll(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, isOpen: true };
  });
}

/** The one place where it is decided whether a request comes from somebody. */
function authenticate(app: FastifyInstance, { login, sessions, prefix, hosts, publicUrl }: AppOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    if (hosts !== undefined && !isOurHost(request.headers.host, hosts, publicUrl)) {
      throw new SignalboxError('FORBIDDEN', 'This dashboard does not go by that name', {
        hint: 'It is told its names by --listen and --public-url.',
      });
    }
    if (request.routeOptions.config.isOpen) return;
    const session = sessions.of(request);
    const viewer = session && (await login.viewer(session, request, { fresh: false }));
    if (session && viewer) {
      session.viewer = viewer;
      request.session = session;
      return;
    }
    if (session) sessions.end(session);
    if (!isNavigation(request)) throw signedOut();
    return login.begin(request, reply, nextPath(request.url, prefix));
  });
}

function signedOut(): SignalboxError {
  return new SignalboxError('SIGNED_OUT', 'There is no session: sign in', { hint: 'Load the page anew.' });
}

/** Has somebody asked for it in the address bar, or by a link? */
function isNavigation({ method, headers }: FastifyRequest): boolean {
  if (method !== 'GET') return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return headers.accept?.includes('text/html') ?? false;
}

/** What the page asks for. */
function addApi(api: FastifyInstance, options: AppOptions): void {
  const { daemon, login, hub, sessions, publicUrl, prefix, log, now = Date.now } = options;
  api.addHook('onRequest', async (request) => {
    const access = accessOfToken(request.session, request.headers[PAGE_HEADER]);
    // It was made for another session.
    if (access === undefined) throw signedOut();
    if (request.method !== 'GET' && !isOurs(request, publicUrl)) {
      throw new SignalboxError('FORBIDDEN', 'The request comes from another page');
    }
    request.access = access;
  });

  const rights = rightsOf({ kind: login.kind, mayChange: daemon.mayChange });
  addLooks(api, { ...options, rights });
  const viewerWith = async (request: FastifyRequest, right: Right): Promise<Viewer> => {
    const viewer = await login.viewer(request.session, request, { fresh: true });
    if (viewer === undefined) {
      sessions.end(request.session);
      throw signedOut();
    }
    request.session.viewer = viewer;
    const why = rights.missing(viewer, request.access, right);
    if (why !== undefined) throw new SignalboxError('FORBIDDEN', why);
    return viewer;
  };
  api.register(
    async (actions) =>
      addActions(actions, { daemon, hub: hub?.api, ownRoute: prefix.slice(0, -1), viewerWith, log, now }),
    { prefix: '/actions' },
  );
  api.post('/log-out', async ({ session }) => {
    sessions.end(session);
    log.info({ actor: session.viewer.name }, 'signed out');
    return { next: login.afterLogOut };
  });
}

function answerProblems(app: FastifyInstance, { prefix, log }: AppOptions): void {
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { status, body } = problemOf(error);
    if (!isNavigation(request)) return reply.code(status).send(body);
    const again = `<p><a href="${prefix}">Try again</a></p>`;
    return sendSignInPage(reply, status, `${body.message}.`, [again]);
  };
  app.setErrorHandler((error, request, reply) => {
    const { status } = problemOf(error);
    if (status === 500) log.error({ err: error, method: request.method }, 'a request failed');
    return answer(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    return answer(new SignalboxError('NOT_FOUND', 'There is nothing here'), request, reply);
  });
}

/** Without queries: codes of sign-ins are in some. */
function logRequests(app: FastifyInstance, log: AppOptions['log']): void {
  app.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?', 1)[0];
    const { statusCode: status, elapsedTime } = reply;
    log[status >= 500 ? 'warn' : 'debug'](
      { method: request.method, path, status, ms: Math.round(elapsedTime) },
      'request',
    );
  });
}
