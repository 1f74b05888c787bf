import { SignalboxError } from '../errors.ts';

/** The error for a client that waited too long. `reason`: why passes fail, if they do. */
export function notServed(timeoutMs: number, reason: string | undefined): SignalboxError {
  const why = reason === undefined ? '' : `: ${reason}`;
  return new SignalboxError('NOT_SERVED', `stored, but not served within ${timeoutMs / 1000} s${why}`, {
    hint: 'The change is kept and will be served as soon as the proxy can; GET /status shows how it stands.',
  });
}
