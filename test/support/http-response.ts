/** Header lines as they came, in order, repeated ones apart. */
export type HeaderPairs = [name: string, value: string][];

/** One answer off the wire. */
export interface RawResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderPairs;
  readonly body: Buffer;
  /** False when the connection ended before the body did. */
  readonly complete: boolean;
  /** May the connection carry another request? */
  readonly keepAlive: boolean;
}

/** The first value of a header, whatever its case. */
export function headerOf(headers: HeaderPairs, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/**
 * Reads answers of HTTP/1.1 (RFC 9112) from the bytes of one connection. Strict where a proxy may go wrong: a chunk or a
 * length that is no number throws. Interim answers (1xx) are passed over, except 101.
 */
export class ResponseReader {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #bodyless: boolean;

  /** An answer to HEAD has no body, whatever its headers say. */
  constructor(method = 'GET') {
    this.#bodyless = method === 'HEAD';
  }

  /** Anything read that belongs to no answer yet? */
  get started(): boolean {
    return this.#bytes.length > 0;
  }

  /** Takes bytes; gives the answer as soon as it is whole. */
  push(chunk: Buffer): RawResponse | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    return this.#read(false);
  }

  /** The connection has ended: gives what there is, undefined when not even a head came. */
  end(): RawResponse | undefined {
    return this.#read(true);
  }

  #read(ended: boolean): RawResponse | undefined {
    const split = this.#bytes.indexOf('\r\n\r\n');
    if (split === -1) return undefined;
    const [statusLine = '', ...lines] = this.#bytes.subarray(0, split).toString('latin1').split('\r\n');
    const [, version, code, reason = ''] = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(statusLine) ?? [];
    if (code === undefined) throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
    const status = Number(code);
    const rest = this.#bytes.subarray(split + 4);
    if (status < 200 && status !== 101) {
      this.#bytes = rest;
      return this.#read(ended);
    }
    const headers = lines.map(parseHeader);
    const framed =
      this.#bodyless || status === 101 ? { body: rest.subarray(0, 0), size: 0 } : frame(headers, status, rest);
    if (!framed && !ended) return undefined;
    this.#bytes = framed ? rest.subarray(framed.size) : Buffer.alloc(0);
    const connection = headerOf(headers, 'connection')?.toLowerCase();
    return {
      status,
      reason,
      headers,
      body: framed?.body ?? partialBody(headers, rest),
      complete: framed !== undefined || isDelimitedByClose(headers),
      keepAlive: framed !== undefined && connection !== 'close' && version === '1',
    };
  }
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function isDelimitedByClose(headers: HeaderPairs): boolean {
  return headerOf(headers, 'content-length') === undefined && !isChunked(headers);
}

function isChunked(headers: HeaderPairs): boolean {
  return headerOf(headers, 'transfer-encoding')?.toLowerCase() === 'chunked';
}

/** The body and how many bytes it takes on the wire; undefined while it isn't whole. */
function frame(headers: HeaderPairs, status: number, rest: Buffer): { body: Buffer; size: number } | undefined {
  if (status === 204 || status === 304) return { body: Buffer.alloc(0), size: 0 };
  if (isChunked(headers)) return unchunk(rest);
  const length = headerOf(headers, 'content-length');
  if (length === undefined) return undefined;
  if (!/^\d+$/.test(length)) throw new Error(`no length: ${length}`);
  const size = Number(length);
  return rest.length < size ? undefined : { body: rest.subarray(0, size), size };
}

function unchunk(rest: Buffer): { body: Buffer; size: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const sizeText = rest.subarray(at, lineEnd).toString('latin1').split(';')[0] ?? '';
    if (!/^[0-9a-f]+$/i.test(sizeText)) throw new Error(`no chunk size: ${JSON.stringify(sizeText)}`);
    const size = Number.parseInt(sizeText, 16);
    at = lineEnd + 2 + size;
    if (size === 0) {
      // No trailers: neither nginx nor these backends send any.
      return rest.length < at + 2 ? undefined : { body: Buffer.concat(parts), size: at + 2 };
    }
    if (rest.length < at + 2) return undefined;
    parts.push(rest.subarray(lineEnd + 2, at));
    at += 2;
  }
}

/** What came of a body that was cut off; of a chunked one with its framing. */
function partialBody(headers: HeaderPairs, rest: Buffer): Buffer {
  const length = Number(headerOf(headers, 'content-length') ?? rest.length);
  return rest.subarray(0, length);
}
