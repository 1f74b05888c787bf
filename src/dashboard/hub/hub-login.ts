import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, SignalboxError } from '../../errors.ts';
import type { Log } from '../../system/log.ts';
import type { Login } from '../login/login.ts';
import { sendSignInPage } from '../login/sign-in-page.ts';
import type { Session, Sessions } from '../sessions.ts';
import type { Viewer } from '../viewer.ts';
import type { HubEnvironment } from './environment.ts';
import type { HubRequests } from './hub-requests.ts';
import { HubOAuth } from './oauth.ts';
import { PENDING_MS, PendingLogins } from './pending-logins.ts';
import { Recheck } from './recheck.ts';
import { whoIs } from './who-is.ts';

/** Not secret, and readable by every page of the Hub's host; the Hub makes a new one for each log-in. */
const HUB_SESSION = 'jupyterhub-session-id';

const STATE = 'signalbox-oauth-';
/** Of sign-ins that were begun and left, such as by many tabs while the Hub was away: more would not fit into a request's head. */
const MOST_STATES = 20;

/** Signing in at the Hub: it knows the person, and decides who may look. */
export class HubLogin implements Login {
  readonly kind = 'hub';
  readonly afterLogOut: string;
  readonly #hub: HubEnvironment;
  readonly #requests: HubRequests;
  readonly #oauth: HubOAuth;
  readonly #recheck: Recheck;
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #pending = new PendingLogins();
  #sessions: Sessions | undefined;

  constructor(hub: HubEnvironment, requests: HubRequests, log: Pick<Log, 'info' | 'warn'>) {
    this.#hub = hub;
    this.#requests = requests;
    this.#oauth = new HubOAuth(hub, requests);
    this.#recheck = new Recheck({ whoIs: (token) => this.#whoIs(token) });
    this.#log = log;
    this.afterLogOut = `${hub.hubUrl}logout`;
  }

  register(app: FastifyInstance, sessions: Sessions): void {
    this.#sessions = sessions;
    app.get('/oauth_callback', (request, reply) => this.#comeBack(request, reply, sessions));
  }

  async begin(request: FastifyRequest, reply: FastifyReply, next: string): Promise<FastifyReply> {
    const { url, state, verifier } = await this.#oauth.begin();
    this.#pending.add(state, { next, verifier });
    const left = Object.keys(request.cookies).filter((name) => name.startsWith(STATE));
    if (left.length >= MOST_STATES) for (const name of left) reply.clearCookie(name, this.#sessions?.cookie(request));
    // A state that somebody else began, who would have this browser signed in as them, has no cookie here.
    reply.setCookie(cookieOf(state), '1', { ...this.#sessions?.cookie(request), maxAge: PENDING_MS / 1_000 });
    return reply.redirect(url);
  }

  viewer(
    session: Session,
    request: FastifyRequest,
    { fresh }: { readonly fresh: boolean },
  ): Promise<Viewer | undefined> {
    return this.#recheck.viewer(session, request.cookies[HUB_SESSION], fresh);
  }

  async #comeBack(request: FastifyRequest, reply: FastifyReply, sessions: Sessions): Promise<FastifyReply> {
    const answer = new URL(request.url, 'http://localhost').searchParams;
    const state = answer.get('state') ?? '';
    const isBegunHere = request.cookies[cookieOf(state)] !== undefined;
    const pending = isBegunHere ? this.#pending.take(state) : undefined;
    if (isBegunHere) reply.clearCookie(cookieOf(state), sessions.cookie(request));
    if (pending === undefined) {
      return sendPage(reply, 403, 'This sign-in is over: it was used, or took too long, or began in another browser.');
    }
    try {
      const token = await this.#oauth.token(answer, state, pending.verifier);
      const viewer = await this.#whoIs(token);
      if (viewer === undefined) throw new SignalboxError('FORBIDDEN', 'the Hub does not let you see this dashboard');
      this.#recheck.begin(sessions.begin(request, reply, viewer), request.cookies[HUB_SESSION]);
      this.#log.info({ actor: viewer.name, mayOperate: viewer.mayOperate, from: request.ip }, 'signed in');
      return reply.redirect(pending.next);
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      this.#log.warn({ reason: describeError(error), from: request.ip }, 'a try to sign in was refused');
      return sendPage(reply, error.code === 'HUB_UNREACHABLE' ? 503 : 403, `${error.message}.`);
    }
  }

  #whoIs(token: string): Promise<Viewer | undefined> {
    return whoIs(this.#requests, token, this.#hub.accessScopes);
  }
}

function cookieOf(state: string): string {
  return STATE + state;
}

function sendPage(reply: FastifyReply, status: number, problem: string): FastifyReply {
  return sendSignInPage(reply, status, problem, ['<p><a href=".">Start again</a></p>']);
}
