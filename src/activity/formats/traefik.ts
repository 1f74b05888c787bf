import type { FindRoute, Hit, ParseLine } from '../hit.ts';

/** What is used of a line of Traefik's access log with `accessLog.format: json`; every field may be left out there. */
interface Line {
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
}

/** Makes a parser for Traefik's JSON log. Lines without a router were answered by Traefik itself, of no route. */
export function traefikFormat(findRoute: FindRoute): ParseLine {
  return (buffer, from, to): Hit | undefined => {
    const line = parse(buffer.toString('utf8', from, to));
    const { DownstreamStatus: status, RequestPath: path, RequestHost: host } = line ?? {};
    const time = line && endOf(line);
    if (typeof status !== 'number' || typeof path !== 'string' || time === undefined) return undefined;
    const key = path.startsWith('/') ? findRoute(path, typeof host === 'string' ? host : undefined) : undefined;
    if (key === undefined) return undefined;
    return {
      time,
      key,
      status,
      // Traefik does not tell whether the client got all of it.
      complete: true,
      sentData: number(line?.RequestContentSize) > 0,
      duration: typeof line?.Duration === 'number' ? line.Duration / 1e6 : undefined,
      bytes: number(line?.DownstreamContentSize),
      backendBytes: undefined,
    };
  };
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `time` has whole seconds; the start and how long it took tell more. */
function endOf({ StartUTC: start, Duration: nanoseconds, time }: Line): number | undefined {
  const exact = typeof start === 'string' ? Date.parse(start) + number(nanoseconds) / 1e6 : Number.NaN;
  const end = Number.isFinite(exact) ? exact : typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isFinite(end) ? Math.round(end) : undefined;
}

function number(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
