/**
 * The marker is a router of ours whose path nobody can guess. It stands in the same file as the routes, and Traefik puts a
 * file into service as a whole: what answers with a digest serves the routes of that file.
 */
export function markerPath(token: string): string {
  return `/.signalbox-${token}`;
}

/**
 * Traefik leaves a router out whose rule, middlewares or TLS options it can't use, and serves the rest of the file. The canary
 * is a router for this path with the routes' rule, middlewares and TLS options. When it is left out, so are the routes, and the
 * marker answers in its place; when it is there, anything else answers: its own refusal, or a middleware.
 */
export function canaryPath(token: string): string {
  return `${markerPath(token)}-canary`;
}

/** Header of the marker's answer; the answer's status means nothing. */
export const MARKER_HEADER = 'X-Signalbox-Digest';

/** The marker's answer while Traefik answers 503 to everything: see starting.ts. */
export const STARTING = 'starting';

/** The digest that an answer tells, or STARTING; undefined when it came from somewhere else. */
export function digestIn(header: string | undefined): string | undefined {
  return header === STARTING || /^[\da-f]{16}$/.test(header ?? '') ? header : undefined;
}
