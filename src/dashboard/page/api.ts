import { PAGE_HEADER, type Problem } from '../page-api.ts';
import { visible } from './format.ts';

const TIMEOUT_MS = 15_000;

/** What went wrong with a request. `status` is 0 where there was no answer. */
export class Failure extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.code = problem.code;
    this.hint = problem.hint;
  }

  /** It was not asked at all, since somebody else would have seen it. */
  get isReadAlong(): boolean {
    return this.code === 'READ_ALONG';
  }

  /** The dashboard answers, and the daemon does not. */
  get isDaemonAway(): boolean {
    return this.code === 'API_UNREACHABLE';
  }
}

export interface ApiOptions {
  /** Shows that a document of ours asks, which only a navigation gets. */
  readonly token: string;
  /** Told that the session has ended. */
  readonly onSignedOut: () => void;
}

/** What the dashboard's server tells and does. Paths are relative to the document, so no prefix is known here. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#ask<T>(path, signal ? { signal } : {});
  }

  act<T>(action: string, body: Readonly<Record<string, string>> = {}): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask<T>(`api/${action}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    refuseReaders();
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    const headers = { ...init.headers, accept: 'application/json', [PAGE_HEADER]: this.#options.token };
    let answer: Response;
    try {
      // A login page elsewhere is no answer.
      answer = await fetch(path, { ...init, headers, signal, credentials: 'same-origin', redirect: 'error' });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new Failure(0, { message: 'The dashboard does not answer', code: 'NO_ANSWER' });
    }
    if (answer.status === 401) this.#options.onSignedOut();
    const body = await answer.json().catch(() => undefined);
    if (answer.ok && body !== undefined) return body as T;
    throw new Failure(answer.ok ? 0 : answer.status, isProblem(body) ? body : unclear(answer.status));
  }
}

/** The page has no service worker. One of a user's on the same origin sees every request of the pages that it has taken, with the token. */
function refuseReaders(): void {
  const reader = navigator.serviceWorker?.controller;
  if (!reader) return;
  throw new Failure(0, {
    message: `A service worker of this site could read along: ${visible(new URL(reader.scriptURL).pathname)}`,
    code: 'READ_ALONG',
    hint: 'Remove the data that the browser keeps of this site, or use a private window.',
  });
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string';

const unclear = (status: number): Problem => ({
  message: status === 401 ? 'You are signed out' : `The dashboard answered with status ${status}`,
  code: 'UNCLEAR',
});
