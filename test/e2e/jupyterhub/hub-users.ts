import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type Answer, rawRequest } from '../../support/raw-http.ts';
import type { PythonValue } from './hub-config.ts';

export interface Spawned {
  readonly name: string;
  /** Did the Hub say that her server is ready? */
  readonly isReady: boolean;
  /** What her first requests got then: the name of whose server it is, else what went wrong. */
  readonly got: readonly string[];
}

const TOKEN = randomBytes(16).toString('hex');
/** A page makes several requests at once, so a balancer sends them to all. */
const FIRST_REQUESTS = 3;

/** Many users of a Hub with tiny servers (tiny_server.py). The Hub is asked past the proxy, the servers through it. */
export class HubUsers {
  /** What the Hub needs to know. */
  static readonly settings: Readonly<Record<string, PythonValue>> = {
    'JupyterHub.services': [{ name: 'tests', api_token: TOKEN }],
    'JupyterHub.load_roles': [
      { name: 'tests', scopes: ['admin:users', 'admin:servers', 'list:users'], services: ['tests'] },
    ],
  };

  readonly spawned: Spawned[] = [];
  readonly #hubPort: number;
  readonly #port: number;
  #count = 0;

  constructor(hubPort: number, port: number) {
    this.#hubPort = hubPort;
    this.#port = port;
  }

  /** Who may ask for her server. */
  get ready(): readonly string[] {
    return this.spawned.filter(({ isReady }) => isReady).map(({ name }) => name);
  }

  /** So many new users start their servers, some of them at a time. */
  async spawn(count: number, atOnce: number): Promise<readonly Spawned[]> {
    const names = Array.from({ length: count }, (_, index) => `user-${this.#count + index}`);
    this.#count += count;
    expect((await this.#hub('POST', '/users', { usernames: names })).status).toBe(201);
    const spawned: Spawned[] = [];
    const next = async () => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        const one = await this.start(name);
        spawned.push(one);
        this.spawned.push(one);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, next));
    return spawned;
  }

  /** Starts a server, waits until the Hub says what came of it, and goes there. */
  async start(name: string): Promise<Spawned> {
    const asked = await this.#hub('POST', `/users/${name}/server`);
    if (asked.status !== 202 && asked.status !== 201) throw new Error(`spawn: ${asked.status} ${asked.text()}`);
    const progress = (await this.#hub('GET', `/users/${name}/server/progress`)).text();
    if (!progress.includes('"ready": true')) return { name, isReady: false, got: [progress] };
    return {
      name,
      isReady: true,
      got: await Promise.all(Array.from({ length: FIRST_REQUESTS }, () => this.visit(name))),
    };
  }

  /** A request through the proxy; one whose connection breaks, here or behind a balancer, is sent once more, as browsers do. */
  async visit(name: string): Promise<string> {
    const once = async () => {
      const answer = await rawRequest({ port: this.#port, target: `/user/${name}/`, timeout: 20_000 });
      return answer.status === 200 ? answer.text() : `${answer.status} ${answer.text()}`;
    };
    const got = await once().catch(() => undefined);
    if (got !== undefined && !got.startsWith('502')) return got;
    return once().catch((error: Error) => error.message);
  }

  /** Whose servers the Hub runs. */
  async running(): Promise<readonly string[]> {
    const users = (await this.#hub('GET', '/users?state=ready&limit=200')).json<{ name: string }[]>();
    return users.map(({ name }) => name).sort();
  }

  #hub(method: string, path: string, body?: unknown): Promise<Answer> {
    return rawRequest({
      port: this.#hubPort,
      method,
      target: `/hub/api${path}`,
      headers: [
        ['Authorization', `token ${TOKEN}`],
        ['Content-Type', 'application/json'],
      ],
      // A Hub tries for 30 s to give a route to the proxy.
      timeout: 60_000,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
