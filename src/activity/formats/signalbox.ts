import { answeredWithoutHead, type ParseLine, SWITCHING, UNROUTED } from '../hit.ts';
import { endOfList, firstByteOf } from './upstream-times.ts';

/*
 * Our own format, written by templates/nginx/access-log.conf:
 *
 *     1763811234.567 200 0.012 5120 431 602 -OK 0.011 0.011 /user/ada
 *     time status seconds bytes-to-client bytes-of-request bytes-to-backend body,completion heads answers route
 *
 * Numbers first and the route last, so that nothing in a name can shift a field. The body flag is `b` or `-`. Heads and answers are lists
 * (`-, 0.002 : 0.003`) with an entry for each address that was tried: seconds until its head came and until all was over; heads are empty when
 * no backend was asked, `-` when there was none to ask. Lines of earlier versions, and of copies of the template, have neither.
 */

const SPACE = 0x20;
const ZERO = 0x30;
const DOT = 0x2e;
const BODY = 0x62;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/**
 * By how much the head of a request grows on its way (X-Forwarded-*, Connection, a target's path). More bytes than that beyond the
 * request are the client's data on a websocket. Fewer, on a websocket that no look at the sockets saw, are missed.
 */
const HEAD_GROWTH = 512;

/**
 * Makes the parser of our own lines. `addedBytes`: what --custom-header adds to each head. As it runs for each request that nginx
 * serves, it makes a string of the route only, and keeps the last ones.
 */
export function signalboxFormat(addedBytes = 0): ParseLine {
  const keys = new KeyCache();
  const headGrowth = HEAD_GROWTH + addedBytes;

  return (bytes, from, to) => {
    let at = from;

    const number = (): number => {
      let value = 0;
      let scale = 0;
      const start = at;
      for (; at < to; at++) {
        const byte = bytes[at] as number;
        if (byte === SPACE) break;
        if (byte === DOT && scale === 0) scale = 1;
        else if (byte >= ZERO && byte <= ZERO + 9) {
          value = value * 10 + (byte - ZERO);
          scale *= 10;
        } else return Number.NaN;
      }
      const digits = at - start - (scale > 0 ? 1 : 0);
      at++;
      return digits === 0 ? Number.NaN : scale > 1 ? value / scale : value;
    };

    const text = (start: number, end: number) => bytes.toString('latin1', start, end);

    const time = number();
    const status = number();
    const seconds = number();
    const sent = number();
    const requestBytes = number();
    const backendBytes = number();
    // A sum is NaN when one of them is.
    if (Number.isNaN(time + status + seconds + sent + requestBytes + backendBytes)) return undefined;
    // `-OK ` or `b `
    const complete = bytes[at + 1] !== SPACE;
    const body = bytes[at] === BODY;
    at += complete ? 4 : 2;
    if (at > to || bytes[at - 1] !== SPACE) return undefined;
    let firstByte: number | undefined;
    let answered: boolean | undefined;
    if (at < to && bytes[at] !== SLASH) {
      const heads = at;
      const answers = endOfList(bytes, heads, to) + 1;
      const route = endOfList(bytes, answers, to) + 1;
      if (route > to) return undefined;
      const wasAsked = answers - heads > 1;
      const head = number();
      // One entry, as nearly always: no string need be made.
      if (at === answers && wasAsked) firstByte = head * 1000;
      else if (wasAsked) firstByte = firstByteOf(text(heads, answers - 1), text(answers, route - 1));
      if (Number.isNaN(firstByte)) return undefined;
      if (firstByte !== undefined) answered = true;
      else if (wasAsked) answered = answeredWithoutHead(status);
      at = route;
    }
    const slash = at;
    // Garbage, a TLS handshake without a request: refused at once.
    if (slash === to) return UNROUTED;
    if (bytes[slash] !== SLASH) return undefined;
    const websocket = status === SWITCHING;
    return {
      time: Math.round(time * 1000),
      key: keys.at(bytes, slash, to),
      status,
      complete,
      sentData: websocket ? backendBytes > requestBytes + headGrowth : body,
      duration: seconds * 1000,
      bytes: sent,
      backendBytes,
      firstByte,
      answered,
    };
  };
}

const SLOTS = 1 << 15;
const LONGEST = 128;

/** The keys that were read last: making a string, and looking for a new one in a Map, costs more than all the rest of a line. */
class KeyCache {
  /** One byte a character, so that a key can be compared with bytes; else it isn't kept. */
  readonly #keys: string[] = new Array(SLOTS).fill('');

  at(bytes: Buffer, from: number, to: number): string {
    const length = to - from;
    if (length > LONGEST) return unescapeJson(bytes, from, to);
    let hash = length;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#keys[slot] as string;
    if (isText(known, bytes, from, length)) return known;
    const key = unescapeJson(bytes, from, to);
    if (isText(key, bytes, from, length)) this.#keys[slot] = key;
    return key;
  }
}

function isText(key: string, bytes: Buffer, from: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let at = 0; at < length; at++) if (key.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}

/** nginx wrote the route with `escape=json`, so that a line break in a name can't start a line. */
function unescapeJson(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to);
  if (!bytes.subarray(from, to).includes(BACKSLASH)) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
