import { timingSafeEqual } from 'node:crypto';
import { hashBytes, hashToken } from '../config/token.ts';
import { SignalboxError } from '../errors.ts';
import type { ApiConfig } from './context.ts';
import type { Namespace } from './namespaces/create.ts';
import { type View, wholeView } from './namespaces/view.ts';

/** What the value of an Authorization header lets its sender see and change; undefined for nothing. */
export type Authorizer = (header: string | undefined) => View | undefined;

/**
 * `token VALUE` as CHP takes it, or `Bearer VALUE`. Without any token the API is open (and listens on loopback only). Both
 * sides are hashed, so that the time of the comparison says nothing about how much of the token was right; all are compared, so that
 * it says nothing about which one.
 */
export function createAuthorizer(
  { token, readToken, hostRouting }: ApiConfig,
  namespaces: readonly Pick<Namespace, 'token' | 'view'>[],
): Authorizer {
  const whole = wholeView(hostRouting);
  if (!token && namespaces.length === 0) return () => whole;
  const known = [...namespaces];
  if (token) known.push({ token: hashToken(token), view: whole });
  if (readToken) known.push({ token: hashToken(readToken), view: wholeView(hostRouting, false) });
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

/**
 * Throws for a token that only reads where a request could do more than read. By its method, before anything else is looked at, so that
 * no endpoint has to think of it.
 */
export function refuseChange(view: View | undefined, method: string): void {
  if (view === undefined || view.mayChange || method === 'GET' || method === 'HEAD') return;
  throw new SignalboxError('READ_ONLY', 'Forbidden: this token only reads', {
    hint: `Nothing was done. A ${method} needs the token that SIGNALBOX_API_TOKEN or token-file gives to Signalbox.`,
  });
}

/** The answer to a request without the right token. */
export function forbidden(): SignalboxError {
  return new SignalboxError('FORBIDDEN', 'Forbidden: the token is missing or wrong', {
    hint: 'Send the header "Authorization: token VALUE" with the token that Signalbox was started with.',
  });
}
