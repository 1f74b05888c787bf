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

export function number(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
