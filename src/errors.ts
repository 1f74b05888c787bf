/**
 * The one error class of the project. `code` is stable and documented (docs/rest-api.md lists the codes the API can
 * answer with); `hint` says how to mend it. `keys`: of the routes that it is about, where a driver knows them.
 */
export class SignalboxError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  keys: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; keys?: readonly string[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SignalboxError';
    this.code = code;
    this.hint = options.hint;
    this.keys = options.keys ?? [];
  }
}

export type ErrorCode =
  // a request to the API that is wrong
  | 'BAD_JSON'
  | 'BAD_TARGET'
  | 'BAD_ROUTESPEC'
  | 'BAD_DATE'
  | 'BAD_TABLE'
  | 'BAD_PARAMETER'
  | 'FORBIDDEN'
  | 'READ_ONLY'
  | 'NOT_IN_NAMESPACE'
  | 'OVER_QUOTA'
  | 'NOT_FOUND'
  | 'METHOD_NOT_SUPPORTED'
  | 'TOO_LARGE'
  // the change is stored, the proxy does not serve it yet
  | 'NOT_SERVED'
  // the change could not be stored
  | 'STORE_FULL'
  | 'STORE_FAILED'
  | 'SHUTTING_DOWN'
  // at start
  | 'BAD_CONFIG'
  | 'STATE_LOCKED'
  | 'STATE_UNUSABLE'
  | 'PORT_TAKEN'
  | 'PROXY_MISSING'
  // a driver could not make its proxy serve the table
  | 'ROUTES_REFUSED'
  | 'ROUTES_NOT_NOW'
  | 'PROXY_DOWN'
  | 'PROXY_REFUSED_CONFIG'
  | 'PROXY_NOT_CONFIRMED'
  | 'TEMPLATE_FAILED'
  // a command line that asks the API
  | 'API_UNREACHABLE'
  | 'INTERNAL';

/** The text of anything that was thrown, with its causes: `could not reload: connect ECONNREFUSED`. */
export function describeError(error: unknown): string {
  // Of a name with several addresses, each has failed in its own way.
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `: ${describeError(error.cause)}`;
  return error.message.endsWith(cause) ? error.message : error.message + cause;
}
