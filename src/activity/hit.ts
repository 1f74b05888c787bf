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
  /**
   * From the moment the proxy had the request's head to the first byte of the backend's answer, ms; with Traefik to its last one. Undefined
   * where there was none, or the log doesn't tell.
   */
  readonly firstByte: number | undefined;
  /**
   * Did the backend answer at all? False: it could not be reached, or gave no answer, and the proxy made one. Undefined where no backend was
   * asked, the client left before, or the log doesn't tell.
   */
  readonly answered: boolean | undefined;
}

/** A valid line that is not about a route: the request was refused before, or went to another site. */
export const UNROUTED = 'no route';

/** Reads the line between these offsets (without its end); undefined when it is not of this format. */
export type ParseLine = (bytes: Buffer, from: number, to: number) => Hit | typeof UNROUTED | undefined;

/** Finds the route of a request: the path as it was sent, query or not, and the Host header where the log tells it. */
export type FindRoute = (path: string, host: string | undefined) => string | undefined;

/** The switch to a websocket; its line is written when the websocket ends. */
export const SWITCHING = 101;

/** A request whose backend gave no head of an answer: an error is the proxy's own, anything else is about the client, which left for instance. */
export function answeredWithoutHead(status: number): false | undefined {
  return status >= 500 ? false : undefined;
}

/**
 * An answer that counts as activity in configurable-http-proxy: below 300 and sent whole. The switch to a websocket (101) does
 * not. Data from the client counts, however it was answered.
 */
export function isSuccess({ complete, status }: Hit): boolean {
  return complete && status >= 200 && status < 300;
}
