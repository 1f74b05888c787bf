import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import { describeError, type ErrorCode, SignalboxError } from '../../errors.ts';
import { type Answer, ask } from '../../process/ask.ts';

/** The address of a daemon's API, and what it wants to be shown. */
export interface ApiAddress {
  /** `http://127.0.0.1:8001`, `http+unix://%2Frun%2Fapi.sock`: without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly tls?: ConnectionOptions;
}

/** A change waits until the proxy serves it; what takes longer than this is no answer. */
const TIMEOUT_MS = 120_000;

/** One request to the REST API of Signalbox or of configurable-http-proxy; the body of the answer, parsed. */
export async function callApi(api: ApiAddress, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await askApi(api, method, path, body);
  const { status, text } = response;
  if (status < 200 || status > 299) throw refusal(api, response);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notTheApi(api.url, 'answers, but not with JSON', error);
  }
}

/** The same, whatever status it is answered with. Throws API_UNREACHABLE when there is no answer. */
export async function askApi(
  { url, token, tls }: ApiAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `token ${token}` };
  if (method !== 'GET') headers['signalbox-actor'] = actor();
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await ask(url, path, { method, headers, body: text, timeoutMs: TIMEOUT_MS, tls });
  } catch (error) {
    throw new SignalboxError('API_UNREACHABLE', `${url} does not answer: ${describeError(error)}`, {
      cause: error,
      hint: hintFor(error, url),
    });
  }
}

/** Who changes something, for the log and the events of the daemon. */
function actor(): string {
  // Node writes headers as Latin-1: these are the bytes of UTF-8. The daemon takes out what has no place in a log.
  return Buffer.from(`${userName()} via signalbox`.replace(/\p{Cc}/gu, '')).toString('latin1');
}

/** In a container the user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** Reads a token as it stands in a file, without the blanks around it. */
export function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new SignalboxError('BAD_CONFIG', `the token file ${path} cannot be read`, { cause: error });
  }
}

function hintFor(error: unknown, url: string): string {
  const code = String((error as NodeJS.ErrnoException).code);
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'Name its authority in the variable NODE_EXTRA_CA_CERTS.';
  if (code === 'EACCES') return 'Only the user that Signalbox runs as may use its socket.';
  if (code === 'ECONNRESET' && url.startsWith('http:'))
    return 'Does it speak TLS? Then its address begins with https://';
  return 'Is it running, and is that the address of its API? Another one: --api URL or SIGNALBOX_API_URL.';
}

function refusal({ url, token }: ApiAddress, { status, text }: Answer): SignalboxError {
  const { message, code, hint } = bodyOf(text);
  // What is wrong is not the token, but what is asked for with it.
  const isAllowed = code === 'READ_ONLY' || code === 'NOT_IN_NAMESPACE' || code === 'OVER_QUOTA';
  if (status === 401 || (status === 403 && !isAllowed)) {
    const what = token === undefined ? 'wants a token, and there is none' : 'does not accept the token';
    return new SignalboxError('FORBIDDEN', `${url} ${what}`, {
      hint: 'The token is read from --token-file FILE, SIGNALBOX_API_TOKEN or CONFIGPROXY_AUTH_TOKEN.',
    });
  }
  if (code !== undefined) return new SignalboxError(code, `${url} answers ${status}: ${message}`, { hint });
  if (text.startsWith('<')) return notTheApi(url, `answers ${status} with a page for people`);
  return notTheApi(url, `answers ${status}${message === '' ? '' : `: ${message}`}`);
}

function notTheApi(url: string, what: string, cause?: unknown): SignalboxError {
  const hint = 'Is that the address of the API, and not of the public side?';
  return new SignalboxError('API_UNREACHABLE', `${url} ${what}`, { cause, hint });
}

/** Every error of Signalbox has a code. configurable-http-proxy's have none, but of it only the table is read. */
function bodyOf(text: string): { message: string; code?: ErrorCode; hint?: string | undefined } {
  try {
    const body = JSON.parse(text) as { message?: unknown; code?: ErrorCode; hint?: string };
    return typeof body.message === 'string' ? { ...body, message: body.message } : { message: text.slice(0, 200) };
  } catch {
    return { message: text.slice(0, 200) };
  }
}
