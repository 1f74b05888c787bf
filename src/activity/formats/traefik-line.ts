import { answeredWithoutHead, type Hit } from '../hit.ts';

/** The fields that are used of Traefik's access log with `accessLog.format: json`; each may be missing. */
export interface TraefikLine {
  readonly StartUTC?: unknown;
  readonly time?: unknown;
  /** Nanoseconds. */
  readonly Duration?: unknown;
  readonly DownstreamStatus?: unknown;
  readonly DownstreamContentSize?: unknown;
  readonly RequestContentSize?: unknown;
  /** With its query, percent-encoded. */
  readonly RequestPath?: unknown;
  readonly RequestHost?: unknown;
  /** The routers on the request's way, the serving one last; read for our own Traefik only. */
  readonly RouterName?: unknown;
  /** What the backend answered; 0 when Traefik answered by itself, and when the answer broke off. */
  readonly OriginStatus?: unknown;
  /** How long the backend's whole answer took, nanoseconds. */
  readonly OriginDuration?: unknown;
  /** What was asked last: where an error page comes from another service, that one. */
  readonly ServiceName?: unknown;
}

export function parseJson(text: string): TraefikLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** When the request ended, ms since 1970. `time` has whole seconds; the start and how long it took tell more. */
export function endOf({ StartUTC: start, Duration: nanoseconds, time }: TraefikLine): number | undefined {
  const exact = typeof start === 'string' ? Date.parse(start) + number(nanoseconds) / 1e6 : Number.NaN;
  const end = Number.isFinite(exact) ? exact : typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isFinite(end) ? Math.round(end) : undefined;
}

/** The status that Traefik logs when the client leaves before the answer. */
const CLIENT_GONE = 499;
/** The text that it logs then is as long as that of its own 500, which it may log when the client leaves during its own body. */
const GONE_BYTES = 21;
/** The service of --error-target: see templates/traefik/dynamic.yml. Names of routes' services have a colon. */
const ERROR_PAGES = /^[^:]+-error-pages@/;

/** What a line tells of the backend's answer. */
export function answerOf(line: TraefikLine): Pick<Hit, 'firstByte' | 'answered'> {
  const { DownstreamStatus: status, OriginStatus: origin, OriginDuration: nanoseconds, ServiceName: service } = line;
  const untold = { firstByte: undefined, answered: undefined };
  if (typeof status !== 'number' || typeof origin !== 'number') return untold;
  // A websocket, whose backend said so.
  if (status === 0) return { firstByte: undefined, answered: true };
  const isPage = typeof service === 'string' && ERROR_PAGES.test(service);
  const bytes = number(line.DownstreamContentSize);
  if (origin > 0 && !isPage) {
    if (isCut(status, bytes)) return untold;
    return { firstByte: number(nanoseconds) / 1e6 || undefined, answered: true };
  }
  // It broke off.
  if (status >= 200 && status < 300) return { firstByte: undefined, answered: true };
  // A client that leaves during its body is mostly logged as if the backend had not answered.
  if (isPage ? bytes === GONE_BYTES : number(line.RequestContentSize) > 0) return untold;
  return { firstByte: undefined, answered: answeredWithoutHead(status) };
}

/** Has the client left? The second may also be Traefik's own 500; nobody gets that answer. */
export function isCut(status: number, bytes: number): boolean {
  return status === CLIENT_GONE || (status === 500 && bytes === GONE_BYTES);
}

export function number(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
