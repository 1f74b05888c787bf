import { type Answered, ask } from './ask.ts';

/** The REST API that configurable-http-proxy and Signalbox share. */
export class RestApi {
  readonly #url: string;
  readonly #headers: { readonly Authorization: string };

  constructor(url: string, token: string) {
    this.#url = `${url}/api/routes`;
    this.#headers = { Authorization: `token ${token}` };
  }

  async add(path: string, target: string): Promise<void> {
    await this.#expect(201, 'POST', path, { target });
  }

  async remove(path: string): Promise<void> {
    await this.#expect(204, 'DELETE', path);
  }

  /** Signalbox's own: many routes in one request. Answered in time or not, it goes on until they are served. */
  async patch(routes: ReadonlyMap<string, string>): Promise<void> {
    const body = Object.fromEntries([...routes].map(([path, target]) => [path, { target }]));
    const answer = await this.#send('PATCH', '', body);
    if (answer.status === 503 && answer.body.includes('"NOT_SERVED"')) return;
    if (answer.status !== 200) throw new Error(`PATCH: ${answer.status} ${answer.body}`);
  }

  async count(): Promise<number> {
    return Object.keys(JSON.parse(await this.#expect(200, 'GET', ''))).length;
  }

  async #expect(status: number, method: string, path: string, body?: unknown): Promise<string> {
    const answer = await this.#send(method, path, body);
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body;
  }

  #send(method: string, path: string, body?: unknown): Promise<Answered> {
    return ask(method, `${this.#url}${path}`, this.#headers, body === undefined ? body : JSON.stringify(body));
  }
}
