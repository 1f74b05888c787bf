/** One finished request, as an access log tells it. What a log doesn't tell is undefined. */
export interface Hit {
  /** When it ended, ms since 1970. */
  readonly time: number;
  /** Key of the route that served it. */
  readonly key: string;
  readonly status: number;
  /** Did the whole answer reach the client? */
  readonly complete: boolean;
  /** Did the client send data beyond the head: a body, or anything over a websocket? */
  readonly sentData: boolean;
  /** From first byte to last, ms. */
  readonly duration: number | undefined;
  /** Sent to the client. */
  readonly bytes: number;
  /** Sent to the backend, head included. */
  readonly backendBytes: number | undefined;
}

/** Reads the line (without its end) that lies between; undefined for what is no line of this format, or belongs to no route. */
export type ParseLine = (bytes: Buffer, from: number, to: number) => Hit | undefined;

/** Finds the route of a request: the path as it was sent, query or not, and the Host header where the log tells it. */
export type FindRoute = (path: string, host: string | undefined) => string | undefined;

/** The switch to a websocket; its line is written when the websocket ends. */
export const SWITCHING = 101;

/**
 * What counts as activity in configurable-http-proxy: an answer below 300 that was sent whole, and data from the client
 * whatever was answered. The switch to a websocket (101) alone does not.
 */
export function isActivity(hit: Hit): boolean {
  return hit.sentData || (hit.complete && hit.status >= 200 && hit.status < 300);
}
