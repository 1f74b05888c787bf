import type { Me } from '../../../src/dashboard/page-api.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { type Answer, rawRequest } from '../../support/raw-http.ts';

const NAVIGATION: HeaderPairs = [
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-Dest', 'document'],
  ['Accept', 'text/html'],
];

/** As much of a browser as the dashboard takes: one cookie, one page with its token. */
export class Visitor {
  readonly #url: URL;
  cookie = '';
  token = '';

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Sends the form, with these fields, from the page itself. */
  async signIn(
    fields: Readonly<Record<string, string>>,
    origin = this.#url.origin,
    headers: HeaderPairs = [],
  ): Promise<Answer> {
    const body = new URLSearchParams(fields).toString();
    const form: HeaderPairs = [['Content-Type', 'application/x-www-form-urlencoded']];
    return this.#send('POST', 'sign-in', [...form, ['Origin', origin], ...NAVIGATION, ...headers], body);
  }

  /** Opens the page, by way of redirects to it. Keeps its token. */
  async open(headers: HeaderPairs = []): Promise<Answer> {
    let answer = await this.#send('GET', '', [...NAVIGATION, ...headers]);
    if (answer.status === 302 && answer.header('location') === this.#url.pathname) {
      answer = await this.#send('GET', '', [...NAVIGATION, ...headers]);
    }
    this.token = /name="signalbox-page" content="([^"]+)"/.exec(answer.text())?.[1] ?? '';
    return answer;
  }

  /** What the page asks for. */
  get(path: string, headers: HeaderPairs = []): Promise<Answer> {
    return this.#send('GET', `api/${path}`, [['signalbox-page', this.token], ...headers]);
  }

  async me(): Promise<Me> {
    return (await this.get('me')).json<Me>();
  }

  /** What the page has done. */
  act(action: string, body: unknown = {}): Promise<Answer> {
    const headers: HeaderPairs = [
      ['signalbox-page', this.token],
      ['Content-Type', 'application/json'],
      ['Origin', this.#url.origin],
      ['Sec-Fetch-Site', 'same-origin'],
      ['Sec-Fetch-Mode', 'cors'],
    ];
    return this.#send('POST', `api/${action}`, headers, JSON.stringify(body));
  }

  async #send(method: string, path: string, headers: HeaderPairs, body?: string): Promise<Answer> {
    const answer = await rawRequest({
      port: Number(this.#url.port),
      method,
      target: `${this.#url.pathname}${path}`,
      headers: [
        ['Host', this.#url.host],
        ...(this.cookie ? [['Cookie', this.cookie] as [string, string]] : []),
        ...headers,
      ],
      timeout: 30_000,
      ...(body === undefined ? {} : { body }),
    });
    const set = answer.header('set-cookie');
    if (set !== undefined) this.cookie = set.split(';')[0] ?? '';
    return answer;
  }
}
