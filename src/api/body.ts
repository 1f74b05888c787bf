import type { Readable } from 'node:stream';
import { SignalboxError } from '../errors.ts';
import { parseObject } from './parse-object.ts';

/** The most bytes that are kept for a client without the token. */
const OPEN_LIMIT = 1024 * 1024;
/** About the longest string that V8 has. */
const LIMIT = 512 * 1024 * 1024 - 1024;

/** The body of a request: its text, or the fact that it was too long to keep. */
export type Body = { readonly text: string } | 'too long';

/**
 * Reads a body of any content type. One that is too long is read to its end all the same, without keeping it: closing
 * the connection while the client still sends would lose our answer.
 */
export function readBody(stream: Readable, isAuthorized: () => boolean): Promise<Body> {
  let limit = OPEN_LIMIT;
  let chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit && limit === OPEN_LIMIT && isAuthorized()) limit = LIMIT;
      if (length > limit) chunks = [];
      else chunks.push(chunk);
    });
    stream.on('end', () => resolve(length > limit ? 'too long' : { text: textOf(chunks) }));
    const broken = (cause?: unknown) =>
      reject(Object.assign(new Error('the body broke off', { cause }), { statusCode: 400 }));
    stream.on('error', broken);
    stream.on('close', () => stream.readableEnded || broken());
  });
}

function textOf(chunks: readonly Buffer[]): string {
  const [only = Buffer.alloc(0)] = chunks;
  return (chunks.length > 1 ? Buffer.concat(chunks) : only).toString('utf8');
}

/** The JSON of a body; no body is an empty one. */
export function parseBody(body: Body | undefined): unknown {
  const text = wholeText(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SignalboxError('BAD_JSON', `Body not valid JSON: ${error}`, {
      hint: 'Send a JSON object such as {"target": "http://127.0.0.1:9000"}.',
      cause: error,
    });
  }
}

/** The same for a table, which may be long: others have their turn meanwhile. An object comes as a Map. */
export async function parseTable(body: Body | undefined): Promise<unknown> {
  return (await parseObject(wholeText(body))) ?? parseBody(body);
}

function wholeText(body: Body | undefined): string {
  if (body === 'too long') {
    throw new SignalboxError('TOO_LARGE', 'Payload Too Large: the body is over 512 MiB', {
      hint: 'Send the table in parts, with PATCH /api/routes.',
    });
  }
  return body?.text ?? '';
}
