import { hash, timingSafeEqual } from 'node:crypto';
import { SignalboxError } from '../errors.ts';

/** Says whether the value of an Authorization header may use the API. */
export type Authorizer = (header: string | undefined) => boolean;

/**
 * `token VALUE` as CHP takes it, or `Bearer VALUE`. Without a token the API is open (and listens on loopback only). Both
 * sides are hashed, so that the time of the comparison says nothing about how much of the token was right.
 */
export function createAuthorizer(token: string | undefined): Authorizer {
  if (!token) return () => true;
  const expected = digest(Buffer.from(token, 'utf8'));
  return (header) => {
    const given = /^\s*(?:token|[Bb]earer)\s+(\S+)/.exec(header ?? '')?.[1];
    // Node decodes headers as Latin-1: this gives the bytes back that the client sent.
    return given !== undefined && timingSafeEqual(digest(Buffer.from(given, 'latin1')), expected);
  };
}

/** The answer to a request without the right token. */
export function forbidden(): SignalboxError {
  return new SignalboxError('FORBIDDEN', 'Forbidden: the token is missing or wrong', {
    hint: 'Send the header "Authorization: token VALUE" with the token that Signalbox was started with.',
  });
}

function digest(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
