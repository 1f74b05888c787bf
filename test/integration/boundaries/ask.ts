import { connect as connectHttp2, constants } from 'node:http2';
import { rawRequest } from '../../support/raw-http.ts';

/** How a request may be written. */
export const FORMS = ['origin', 'absolute', 'post', 'websocket', 'http2'] as const;
export type Form = (typeof FORMS)[number];

export interface Reached {
  readonly status: number;
  /** Name of the backend that answered; undefined when none did. */
  readonly backend: string | undefined;
}

/** Who answers a request for this target? To a TLS port of 127.0.0.1; the target goes out byte for byte. */
export async function ask(port: number, target: string, form: Form, host = `127.0.0.1:${port}`): Promise<Reached> {
  if (form === 'http2') return askHttp2(port, target, host);
  const answer = await rawRequest({
    port,
    tls: true,
    target: form === 'absolute' ? `https://${host}${target}` : target,
    method: form === 'post' ? 'POST' : 'GET',
    headers: [['Host', host], ...(form === 'websocket' ? HANDSHAKE : [])],
    ...(form === 'post' ? { body: 'body' } : {}),
  });
  return { status: answer.status, backend: answer.header('X-Backend') };
}

const HANDSHAKE: [string, string][] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

function askHttp2(port: number, target: string, host: string): Promise<Reached> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on('error', reject);
    const request = session.request({ ':path': target, ':authority': host });
    request.on('response', (headers) => {
      const backend = headers['x-backend'];
      resolve({ status: Number(headers[':status']), backend: typeof backend === 'string' ? backend : undefined });
      session.destroy();
    });
    // A stream that is reset is how HTTP/2 refuses a malformed request (RFC 9113, 8.1.1).
    request.on('error', () => {
      resolve({ status: 400, backend: undefined });
      session.destroy();
    });
    request.on('close', () => {
      if (request.rstCode !== constants.NGHTTP2_NO_ERROR) resolve({ status: 400, backend: undefined });
    });
    request.end();
  });
}
