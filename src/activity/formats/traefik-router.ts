import { type ParseLine, SWITCHING, UNROUTED } from '../hit.ts';
import { answerOf, endOf, isCut, number, parseJson } from './traefik-line.ts';

/** After so many lines without a router, and none with one, a warning. */
const SUSPICIOUS = 100;

/**
 * Makes the parser of the log that templates/traefik/static.yml asks for: a line names the router that served, and `keyOf`
 * knows whose it is. What Traefik does not tell: how much went over a websocket, and which data an upload that was broken off
 * sent when. In the log of somebody else's Traefik most lines may be of other sites; those without a router Traefik answered by itself.
 */
export function traefikRouterFormat(keyOf: (router: string) => string | undefined): ParseLine {
  let unnamed = 0;
  return (buffer, from, to) => {
    const line = parseJson(buffer.toString('utf8', from, to));
    const { DownstreamStatus: status, OriginStatus: origin, RouterName: router, Duration: nanoseconds } = line ?? {};
    const time = line && endOf(line);
    if (!line || typeof status !== 'number' || time === undefined) return undefined;
    // A log that never names one leaves the field out.
    if (typeof router !== 'string') return ++unnamed < SUSPICIOUS ? UNROUTED : undefined;
    unnamed = Number.NEGATIVE_INFINITY;
    const key = keyOf(router);
    if (key === undefined) return UNROUTED;
    // The connection was taken over for a websocket: Traefik has no status for that.
    const websocket = status === 0;
    const bytes = number(line.DownstreamContentSize);
    return {
      time,
      key,
      status: websocket ? SWITCHING : status,
      // The status of an answer that broke off, on either side, is never noted as the backend's.
      complete: websocket || (number(origin) > 0 && !isCut(status, bytes)),
      sentData: number(line.RequestContentSize) > 0,
      duration: typeof nanoseconds === 'number' ? nanoseconds / 1e6 : undefined,
      bytes,
      backendBytes: undefined,
      ...answerOf(line),
    };
  };
}
