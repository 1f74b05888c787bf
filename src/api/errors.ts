import { type ErrorCode, SignalboxError } from '../errors.ts';

/** Codes of error answers: those of SignalboxError, and one for what is no proper HTTP request. */
export type ApiErrorCode = ErrorCode | 'BAD_REQUEST';

interface ErrorKind {
  readonly status: number;
  /** For docs/rest-api.md. */
  readonly meaning: string;
  /** Occurs only at start or in the reconciler; should it reach the API anyway, it is answered with `status`. */
  readonly internal?: true;
}

/** The one place that says which HTTP status a code has. */
export const API_ERRORS: Readonly<Record<ApiErrorCode, ErrorKind>> = {
  BAD_JSON: { status: 400, meaning: 'The body is not valid JSON, or nested too deeply.' },
  BAD_TARGET: {
    status: 400,
    meaning: 'The body has no `target`, it is not a string, or the proxy has no way to connect to it.',
  },
  BAD_ROUTESPEC: { status: 400, meaning: 'The path of the route is one that no proxy could serve.' },
  BAD_DATE: { status: 400, meaning: '`inactiveSince` is not a date.' },
  BAD_TABLE: {
    status: 400,
    meaning: 'Entries of the given table cannot be taken. `message` names them, the first 1,000.',
  },
  BAD_PARAMETER: {
    status: 400,
    meaning: 'A parameter of the query or of the body is missing or wrong. `message` names it.',
  },
  BAD_REQUEST: { status: 400, meaning: 'This is not proper HTTP (status 408 when it came too slowly).' },
  FORBIDDEN: { status: 403, meaning: 'The token is missing or wrong.' },
  READ_ONLY: {
    status: 403,
    meaning: 'The token only reads, and the method is another one than GET. Nothing was changed.',
  },
  NOT_IN_NAMESPACE: {
    status: 403,
    meaning: 'The token is that of a namespace, and the request is about something outside of it. Nothing was changed.',
  },
  OVER_QUOTA: {
    status: 403,
    meaning: 'The namespace of the token would have more routes than its `max-routes`. Nothing was changed.',
  },
  NOT_FOUND: { status: 404, meaning: 'There is no such route, or no such endpoint.' },
  METHOD_NOT_SUPPORTED: {
    status: 405,
    meaning: 'The endpoint does not know this method. `Allow` lists those it does.',
  },
  TOO_LARGE: { status: 413, meaning: 'The body is over 512 MiB (status 431: the headers are over 16 KiB).' },
  NOT_SERVED: {
    status: 503,
    meaning:
      'The change is stored, but the proxy did not serve it in time, or refuses a route of it, which `message` then names. ' +
      'It goes on trying; asking again is harmless. To `POST /verify`: the proxy has not shown that it serves the table.',
  },
  STORE_FULL: { status: 507, meaning: 'The disk has no room for the change. Nothing was changed.' },
  STORE_FAILED: {
    status: 503,
    meaning: 'The store could not be reached, or did not take the change. Nothing was changed.',
  },
  SHUTTING_DOWN: { status: 503, meaning: 'Signalbox is stopping. A change may or may not have been stored.' },
  INTERNAL: { status: 500, meaning: 'A bug in Signalbox. The log has the details.' },
  BAD_CONFIG: { status: 500, meaning: 'A setting is wrong.', internal: true },
  STATE_LOCKED: { status: 500, meaning: 'Another Signalbox uses the state folder.', internal: true },
  STATE_UNUSABLE: { status: 500, meaning: 'The state folder cannot be used.', internal: true },
  PORT_TAKEN: { status: 500, meaning: 'Something else listens on a port.', internal: true },
  PROXY_MISSING: { status: 500, meaning: 'The program of the proxy is not there.', internal: true },
  PROXY_DOWN: { status: 503, meaning: 'The proxy does not answer.', internal: true },
  PROXY_REFUSED_CONFIG: { status: 503, meaning: 'The proxy does not take its configuration.', internal: true },
  PROXY_NOT_CONFIRMED: { status: 503, meaning: 'The proxy did not show the new table.', internal: true },
  ROUTES_REFUSED: { status: 503, meaning: "The proxy's table cannot hold some routes.", internal: true },
  ROUTES_NOT_NOW: { status: 503, meaning: 'There is no room for some routes just now.', internal: true },
  API_UNREACHABLE: { status: 503, meaning: 'A command found nobody at the address of the API.', internal: true },
  TEMPLATE_FAILED: { status: 503, meaning: 'A template cannot be rendered.', internal: true },
};

/** What an error is answered with. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly message: string; readonly code: ApiErrorCode; readonly hint?: string };
}

/** The answer to an error. Only a SignalboxError is shown; any other may contain secrets, and is logged. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof SignalboxError) {
    const { code, message, hint } = error;
    return { status: API_ERRORS[code].status, body: { message, code, ...(hint === undefined ? {} : { hint }) } };
  }
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  // Fastify's own and Node's: a Content-Length that isn't true, a body that breaks off.
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, body: { message: `Bad Request: ${(error as Error).message}`, code: 'BAD_REQUEST' } };
  }
  return {
    status: 500,
    body: {
      message: 'Internal Server Error',
      code: 'INTERNAL',
      hint: 'This is a bug in Signalbox; its log has the details.',
    },
  };
}
