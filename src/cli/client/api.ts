import { readFileSync } from 'node:fs';
import { describeError, SignalboxError } from '../../errors.ts';

/** The address of a daemon's API, and what it wants to be shown. */
export interface ApiAddress {
  /** `http://127.0.0.1:8001` */
  readonly url: string;
  readonly token: string | undefined;
}

/** One request to the REST API of Signalbox or of configurable-http-proxy; the body of the answer, parsed. */
export async function callApi(api: ApiAddress, method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, api.url), {
      method,
      headers: api.token === undefined ? {} : { authorization: `token ${api.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    // fetch says "fetch failed"; its cause says why.
    const { cause } = error as Error;
    throw new SignalboxError('NOT_FOUND', `${api.url} does not answer: ${describeError(cause ?? error)}`, {
      hint: 'Is it running, and is that the address of its API?',
    });
  }
  const text = await response.text();
  if (response.ok) return text === '' ? undefined : JSON.parse(text);
  if (response.status === 403) {
    throw new SignalboxError('FORBIDDEN', `${api.url} does not accept the token`, {
      hint: 'The token is read from a file or from the environment; see --help.',
    });
  }
  throw refusal(api.url, response.status, text);
}

/** Reads a token as it stands in a file, without the blanks around it. */
export function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new SignalboxError('BAD_CONFIG', `the token file ${path} cannot be read`, { cause: error });
  }
}

function refusal(url: string, status: number, text: string): SignalboxError {
  try {
    const { message, hint } = JSON.parse(text) as { message: string; hint?: string };
    return new SignalboxError('BAD_TABLE', `${url} answers ${status}: ${message}`, { hint });
  } catch {
    return new SignalboxError('BAD_TABLE', `${url} answers ${status}: ${text.slice(0, 200)}`);
  }
}
