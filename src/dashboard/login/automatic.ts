import type { FastifyRequest } from 'fastify';
import { SignalboxError } from '../../errors.ts';
import type { Sessions } from '../sessions.ts';
import type { Viewer } from '../viewer.ts';
import type { Login } from './login.ts';

/**
 * Signing in without being asked: each request says by itself whose it is. The session is for the page's token; it ends when a request
 * says something else.
 */
export function automaticLogin(
  kind: Login['kind'],
  prefix: string,
  viewerOf: (request: FastifyRequest) => Viewer | undefined,
): Login {
  let sessions: Sessions | undefined;
  return {
    kind,
    afterLogOut: prefix,
    register(_app, all) {
      sessions = all;
    },
    async begin(request, reply, next) {
      const viewer = viewerOf(request);
      if (viewer === undefined) {
        throw new SignalboxError('FORBIDDEN', 'The proxy in front of this dashboard does not say who you are', {
          hint: 'Sign in there, and come by its address.',
        });
      }
      sessions?.begin(request, reply, viewer);
      return reply.redirect(next, 302);
    },
    async viewer(session, request) {
      const viewer = viewerOf(request);
      return viewer?.name === session.viewer.name ? viewer : undefined;
    },
  };
}
