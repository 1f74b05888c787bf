import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Logger } from 'pino';
import { describeError, SignalboxError } from '../errors.ts';
import { type Answer, ask } from '../process/ask.ts';
import { Complaint } from '../system/complaint.ts';

/** How the daemon is reached. */
export interface DaemonAccess {
  /** `http://127.0.0.1:8001`, `http+unix://%2Frun%2Fapi.sock`. */
  readonly url: string;
  readonly token: string | undefined;
  /** Is it the token that may change routes? */
  readonly mayChange: boolean;
}

export interface DaemonOptions extends DaemonAccess {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly now?: () => number;
}

/** However many look, the daemon is asked once. */
const KEPT_MS = 1_000;
const LOOK_TIMEOUT_MS = 10_000;
/** A change waits until the proxy serves it. */
const CHANGE_TIMEOUT_MS = 120_000;

/** Asks the daemon's REST API. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #agent: Agent;
  readonly #now: () => number;
  readonly #looks = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();
  readonly #away = new Complaint();
  #isAway = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#agent = new (options.url.startsWith('https:') ? SecureAgent : Agent)({ keepAlive: true });
  }

  get mayChange(): boolean {
    return this.#options.mayChange;
  }

  /** The answer of a moment ago will do. Throws API_UNREACHABLE while there is none. */
  get(path: string): Promise<Answer> {
    const now = this.#now();
    for (const [kept, { until }] of this.#looks) if (until <= now) this.#looks.delete(kept);
    const known = this.#looks.get(path);
    if (known) return known.answer;
    const answer = this.#ask('GET', path, LOOK_TIMEOUT_MS);
    // While it is asked, all others wait for the same answer.
    const look = { until: now + LOOK_TIMEOUT_MS, answer };
    this.#looks.set(path, look);
    const keep = () => {
      if (this.#looks.get(path) === look) this.#looks.set(path, { until: this.#now() + KEPT_MS, answer });
    };
    answer.then(keep, () => this.#looks.delete(path));
    return answer;
  }

  /** A change, or a look whose answer must be of now; `actor`: who wants it. What was seen before counts no longer. */
  async send(method: string, path: string, actor: string, body?: string): Promise<Answer> {
    try {
      return await this.#ask(method, path, CHANGE_TIMEOUT_MS, { 'signalbox-actor': actor }, body);
    } finally {
      this.#looks.clear();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(
    method: string,
    path: string,
    timeoutMs: number,
    more: Record<string, string> = {},
    body?: string,
  ): Promise<Answer> {
    const { url, token } = this.#options;
    const headers = { ...(token !== undefined && { authorization: `token ${token}` }), ...more };
    const answer = await ask(url, path, { method, headers, body, timeoutMs, agent: this.#agent }).catch((error) => {
      throw this.#unreachable(withoutAddress(error), describeError(error));
    });
    if (answer.status === 401 || (answer.status === 403 && !isReadOnly(answer))) {
      throw this.#unreachable('The daemon does not accept the token of this dashboard', `status ${answer.status}`);
    }
    if (this.#isAway) this.#options.log.info('the daemon answers again');
    this.#isAway = false;
    this.#away.end();
    return answer;
  }

  /** People are told no addresses, the log is told all. */
  #unreachable(message: string, reason: string): SignalboxError {
    const { log, url } = this.#options;
    if (this.#away.isNews(reason, this.#now())) log.warn({ api: url, reason }, message);
    this.#isAway = true;
    return new SignalboxError('API_UNREACHABLE', message, { hint: 'The log of the dashboard has the details.' });
  }
}

/** Why there was no answer, for people who need not know where the daemon is. */
function withoutAddress(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return 'The daemon takes no connections: it is stopped, or starting';
  return /^no answer/.test(message) ? 'The daemon has not answered in time' : 'The connection to the daemon broke off';
}

function isReadOnly({ text }: Answer): boolean {
  return text.includes('"READ_ONLY"');
}
