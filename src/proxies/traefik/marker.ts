/**
 * The marker is a router of ours whose path nobody can guess. It stands in the same file as the routes, and Traefik puts a
 * file into service as a whole: what answers with a generation serves the routes of that generation.
 */
export function markerPath(token: string): string {
  return `/.signalbox-${token}`;
}

/** Header of its answer, whose status means nothing. */
export const MARKER_HEADER = 'X-Signalbox-Generation';

/** The generation that an answer tells, undefined when it came from somewhere else. */
export function generationIn(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,16}$/.test(header) ? Number(header) : undefined;
}
