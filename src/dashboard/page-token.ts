import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { hashToken } from '../config/token.ts';
import type { Session } from './sessions.ts';

/** What a page may do for its viewer: all that they may, or look alone. */
export type Access = 'act' | 'look';

/**
 * What a request for the document may be given; undefined for nothing. Users' servers may be on the same origin, and a script of
 * theirs must not read the token: browsers say of each request what it is for, and let no script say otherwise. They don't over
 * plain HTTP, but for localhost; what such a request gets can look, and change nothing. A service worker that has the browser ask
 * for a document in its place (navigation preload) is given the answer, and the browser says so.
 */
export function accessOfNavigation({ headers }: FastifyRequest): Access | undefined {
  if (headers['service-worker-navigation-preload'] !== undefined) return undefined;
  const [mode, destination] = [headers['sec-fetch-mode'], headers['sec-fetch-dest']];
  if (mode === undefined && destination === undefined) return 'look';
  return mode === 'navigate' && destination === 'document' ? 'act' : undefined;
}

/** The token for the page of a session. */
export function pageToken({ pageToken }: Session, access: Access): string {
  return access === 'act' ? pageToken : createHmac('sha256', pageToken).update(access).digest('base64url');
}

/** What the bearer of such a token may do in this session; undefined where it is none of its tokens. */
export function accessOfToken(session: Session, given: unknown): Access | undefined {
  const shown = hashToken(typeof given === 'string' ? given : '');
  let found: Access | undefined;
  // All are compared, so that the time says nothing.
  for (const access of ['act', 'look'] as const) {
    if (timingSafeEqual(shown, hashToken(pageToken(session, access)))) found = access;
  }
  return found;
}
