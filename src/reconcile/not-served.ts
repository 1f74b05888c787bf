import { SignalboxError } from '../errors.ts';

/** The error for who has asked whether all is served. */
export function notVerified(timeoutMs: number, reason: string): SignalboxError {
  return new SignalboxError(
    'NOT_SERVED',
    `the proxy did not show within ${timeoutMs / 1000} s that it serves all: ${reason}`,
    {
      hint: 'It goes on trying; GET /status shows how it stands.',
    },
  );
}

/** The error for a client that waited too long. `reason`: why passes fail, if they do. */
export function notServed(timeoutMs: number, reason: string | undefined): SignalboxError {
  const why = reason === undefined ? '' : `: ${reason}`;
  return new SignalboxError('NOT_SERVED', `stored, but not served within ${timeoutMs / 1000} s${why}`, {
    hint: 'The change is kept and will be served as soon as the proxy can; GET /status shows how it stands.',
  });
}
