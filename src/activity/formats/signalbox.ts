import type { Hit } from '../hit.ts';

/*
 * Our own format, written by templates/nginx/access-log.conf:
 *
 *     1763811234.567 200 0.012 5120 431 602 -OK /user/ada
 *     time status seconds bytes-to-client bytes-of-request bytes-to-backend body,completion route
 *
 * Numbers first and the route last, so that nothing in a name can shift a field. The body flag is `b` or `-`.
 */

const SPACE = 0x20;
const ZERO = 0x30;
const DOT = 0x2e;
const BODY = 0x62;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/**
 * A websocket's head grows on its way (X-Forwarded-*, Connection); what the backend got beyond the request and this much is
 * data of the client. Smaller messages on websockets that end before the probe saw them are missed.
 */
const HEAD_GROWTH = 512;

const SWITCHING = 101;

/** Parses without making a string of anything but the route: this runs for each request that nginx serves. */
export function parseSignalboxLine(line: Buffer): Hit | undefined {
  let at = 0;
  const end = line.length;

  const number = (): number => {
    let value = 0;
    let digits = 0;
    let scale = 0;
    for (; at < end; at++) {
      const byte = line[at] as number;
      if (byte === SPACE) break;
      if (byte === DOT && scale === 0) scale = 1;
      else if (byte >= ZERO && byte <= ZERO + 9) {
        value = value * 10 + (byte - ZERO);
        scale *= 10;
        digits++;
      } else return Number.NaN;
    }
    at++;
    return digits === 0 ? Number.NaN : scale > 1 ? value / scale : value;
  };

  const time = number();
  const status = number();
  const seconds = number();
  const bytes = number();
  const requestBytes = number();
  const backendBytes = number();
  if (Number.isNaN(time + status + seconds + bytes + requestBytes + backendBytes) || at + 3 > end) return undefined;
  const body = line[at] === BODY;
  const space = line.indexOf(SPACE, at);
  if (space < 0 || line[space + 1] !== SLASH) return undefined;
  const sentData = status === SWITCHING ? backendBytes > requestBytes + HEAD_GROWTH : body;
  return {
    time: Math.round(time * 1000),
    key: unescapeJson(line, space + 1),
    status,
    complete: space - at === 3,
    sentData,
    duration: status === SWITCHING ? undefined : seconds * 1000,
    bytes,
  };
}

/** nginx wrote the route with `escape=json`, so that a line break in a name can't start a line. */
function unescapeJson(line: Buffer, from: number): string {
  const text = line.toString('utf8', from);
  if (line.indexOf(BACKSLASH, from) < 0) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
