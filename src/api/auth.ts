import { timingSafeEqual } from 'node:crypto';
import { hashBytes, hashToken } from '../config/token.ts';
import { SignalboxError } from '../errors.ts';
import type { Namespace } from './namespaces/create.ts';
import type { View } from './namespaces/view.ts';

/** What the value of an Authorization header lets its sender see and change; undefined for nothing. */
export type Authorizer = (header: string | undefined) => View | undefined;

/**
 * `token VALUE` as CHP takes it, or `Bearer VALUE`. Without any token the API is open (and listens on loopback only). Both
 * sides are hashed, so that the time of the comparison says nothing about how much of the token was right; all are compared, so that
 * it says nothing about which one.
 */
export function createAuthorizer(
  token: string | undefined,
  whole: View,
  namespaces: readonly Pick<Namespace, 'token' | 'view'>[],
): Authorizer {
  if (!token && namespaces.length === 0) return () => whole;
  const known = [...(token ? [{ token: hashToken(token), view: whole }] : []), ...namespaces];
  return (header) => {
    const given = /^\s*(?:token|[Bb]earer)\s+(\S+)/.exec(header ?? '')?.[1];
    if (given === undefined) return undefined;
    // Node decodes headers as Latin-1: this gives the bytes back that the client sent.
    const shown = hashBytes(Buffer.from(given, 'latin1'));
    let found: View | undefined;
    for (const one of known) if (timingSafeEqual(shown, one.token)) found = one.view;
    return found;
  };
}

/** The answer to a request without the right token. */
export function forbidden(): SignalboxError {
  return new SignalboxError('FORBIDDEN', 'Forbidden: the token is missing or wrong', {
    hint: 'Send the header "Authorization: token VALUE" with the token that Signalbox was started with.',
  });
}
