import type { ConnectionOptions } from 'node:tls';
import { describeError, SignalboxError } from '../../errors.ts';
import { type Answer, ask } from '../../process/ask.ts';
import { Complaint } from '../../system/complaint.ts';
import type { Log } from '../../system/log.ts';

export interface HubRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Whose right it is asked with. */
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** The Hub may be busy with starting many servers. */
export const HUB_TIMEOUT_MS = 10_000;

/** Asks a Hub's REST API. */
export class HubRequests {
  readonly #api: URL;
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #tls: ConnectionOptions | undefined;
  readonly #away = new Complaint();
  #isAway = false;

  constructor(api: URL, log: Pick<Log, 'info' | 'warn'>, tls?: ConnectionOptions) {
    this.#api = api;
    this.#log = log;
    this.#tls = tls;
  }

  /**
   * Throws a SignalboxError where the Hub can't be reached, or is not itself; whatever it says about the request is for the caller to judge.
   * `path` comes behind that of the API, with every name in it encoded by `segment`.
   */
  async send(
    path: string,
    { method = 'GET', token, headers, timeoutMs = HUB_TIMEOUT_MS }: HubRequest,
  ): Promise<Answer> {
    const authorised = { accept: 'application/json', ...headers, authorization: `token ${token}` };
    return this.#reach(() => ask(this.#api, path, { method, headers: authorised, timeoutMs, tls: this.#tls }));
  }

  /** `fetch`, as far as oauth4webapi needs it, with the certificates of internal_ssl. */
  readonly fetch = async (
    url: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body?: URLSearchParams },
  ): Promise<Response> => {
    const question = { method, headers, body: body?.toString(), timeoutMs: HUB_TIMEOUT_MS, tls: this.#tls };
    const answer = await this.#reach(() => ask(url, url, question));
    const type = answer.headers['content-type'];
    return new Response(answer.text, {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    });
  };

  async #reach(send: () => Promise<Answer>): Promise<Answer> {
    const answer = await send().catch((error: unknown) => {
      throw this.#unreachable('the Hub does not answer', describeError(error));
    });
    // The proxy's own answers too, where the API is asked through it.
    if (answer.status >= 500) {
      throw this.#unreachable(`the Hub fails: ${saidIn(answer)}`, `status ${answer.status}`);
    }
    if (this.#isAway) this.#log.info({}, 'the Hub answers again');
    this.#isAway = false;
    this.#away.end();
    return answer;
  }

  /** People are told no addresses, the log is told all. */
  #unreachable(message: string, reason: string): SignalboxError {
    if (this.#away.isNews(reason, Date.now())) this.#log.warn({ api: this.#api.href, reason }, message);
    this.#isAway = true;
    return new SignalboxError('HUB_UNREACHABLE', message, { hint: 'The log of the dashboard has the details.' });
  }
}

/** A name as one segment of a path. The Hub has none that would lead elsewhere, such as `..`; no request is made for those. */
export function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || !name.isWellFormed()) {
    throw new SignalboxError('NOT_FOUND', `the Hub has nothing that is named ${JSON.stringify(name)}`);
  }
  return encodeURIComponent(name);
}

/** Throws what the Hub says against a request, if it does. */
export function expectDone(answer: Answer, what: string): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  throw new SignalboxError(status === 404 ? 'NOT_FOUND' : 'FORBIDDEN', `the Hub refuses ${what}: ${saidIn(answer)}`);
}

/** The JSON object of an answer; throws what the Hub says against the request. */
export function objectIn(answer: Answer, what: string): object {
  expectDone(answer, what);
  const body = parse(answer.text);
  if (typeof body === 'object' && body !== null) return body;
  throw notTheHub();
}

/** Something else answers in its place. */
export function notTheHub(): SignalboxError {
  return new SignalboxError('HUB_UNREACHABLE', 'what answers is not the API of the Hub', {
    hint: 'Is JUPYTERHUB_API_URL right?',
  });
}

function saidIn({ status, text }: Answer): string {
  const said = field(parse(text), 'message');
  return typeof said === 'string' && said !== '' ? said : `status ${status}`;
}

/** A member of what may be an object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
