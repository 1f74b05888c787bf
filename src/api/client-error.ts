import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorAnswer } from './errors.ts';

/** Answers what Node could not even parse as a request, in the form that all errors have. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || answerHasBegun(socket)) {
    socket.destroy(error);
    return;
  }
  const { status, body } = answerFor(error);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function answerFor(error: NodeJS.ErrnoException): ErrorAnswer {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        body: {
          message: 'Request Header Fields Too Large: the request line and headers are over 16 KiB',
          code: 'TOO_LARGE',
          hint: 'Use a shorter routespec.',
        },
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, body: { message: 'Request Timeout: the request came too slowly', code: 'BAD_REQUEST' } };
    default:
      return { status: 400, body: { message: `Bad Request: ${error.message}`, code: 'BAD_REQUEST' } };
  }
}

// Node's own handler looks at the same field: bytes in the middle of another answer would corrupt it.
// https://github.com/nodejs/node/blob/v24.0.0/lib/_http_server.js (socketOnError)
function answerHasBegun(socket: Socket): boolean {
  return (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent === true;
}
