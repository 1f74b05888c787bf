import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Me } from '../page-api.ts';
import type { Session, Sessions } from '../sessions.ts';
import type { Viewer } from '../viewer.ts';

/** A way to sign in. Whoever may not even look never becomes a Viewer. */
export interface Login {
  readonly kind: Me['login'];
  /**
   * Adds its own pages, such as `/oauth_callback` or the form; none of them needs a session. The app puts the prefix in front
   * of their paths.
   */
  register(app: FastifyInstance, sessions: Sessions): void;
  /** Answers a navigation without a session; `next`: the path to come back to, with the prefix; see nextPath. */
  begin(request: FastifyRequest, reply: FastifyReply, next: string): Promise<FastifyReply>;
  /**
   * Who that is now, undefined when the session is no longer good. `fresh`: ask whoever knows, before an action. Throws
   * a SignalboxError where that can't be found out.
   */
  viewer(session: Session, request: FastifyRequest, how: { readonly fresh: boolean }): Promise<Viewer | undefined>;
  /** Where to go after signing out here: the Hub's own logout, or this dashboard's form. */
  readonly afterLogOut: string;
}
