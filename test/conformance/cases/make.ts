import type { Case, Difference, Listener, RequestStep } from '../case.ts';

/** The table of chp.md is tried with this route again and again. */
export const ADA = { '/user/ada': '{backend}' } as const;

/** For pages that a proxy makes itself: their text and how they are framed is its own business. */
export const PAGE = ['status', 'headers.content-type', 'complete', 'error', 'seen*'];

export function api(request: string, body?: unknown, more: Partial<RequestStep> = {}): RequestStep {
  const text = body === undefined || typeof body === 'string' ? (body as string | undefined) : JSON.stringify(body);
  return { to: 'api', request, ...(text === undefined ? {} : { body: text }), ...more };
}

export function get(target: string, more: Partial<RequestStep> = {}): RequestStep {
  return { request: `GET ${target}`, ...more };
}

/** A case of one GET and what the backend must see of its path. */
export function pathCase(
  name: string,
  route: string,
  target: string,
  request: string,
  url: string | RegExp,
  more: Partial<Case> = {},
): Case {
  return {
    name,
    routes: { [route]: target },
    steps: [get(request)],
    expect: { status: 200, 'seen.url': url },
    ...more,
  };
}

const WHY_JSON =
  'Every error of the REST API is a JSON object with `message`, a stable `code` and mostly a `hint`, of type ' +
  '`application/json`. The message begins with the text that configurable-http-proxy sends as a plain body (an empty one has nothing to begin with). ' +
  'The Hub only looks at the status.';

/** Signalbox's errors of the API are JSON: for one step, by default the first. */
export function jsonError(chpBody: string | RegExp, code: string, step = ''): Difference {
  const beginning = chpBody instanceof RegExp ? chpBody.source.replace(/^\^/, '') : chpBody.replaceAll('.', '\\.');
  return {
    chp: { [`${step}headers.content-type`]: null, [`${step}body`]: chpBody },
    signalbox: {
      [`${step}headers.content-type`]: 'application/json',
      [`${step}body`]: new RegExp(`"code":"${code}".*"message":"${beginning}`),
    },
    why: WHY_JSON,
  };
}

/** How a body of the API is framed is its own business. */
export const API_FIELDS = ['status', 'reason', 'headers.content-type', 'body', 'complete', 'error', 'seen*'];

export function listener(to: Listener, target: string): RequestStep {
  return { to, request: `GET ${target}` };
}
