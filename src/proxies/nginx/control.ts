import { Agent, request } from 'node:http';

/** What nginx says of itself on the control socket. */
export interface Served {
  /** Hash of the configuration it runs. */
  readonly version: string;
  readonly generation: number;
  /** Process id of the worker that answered. */
  readonly pid: number;
  /** `1.22.1` */
  readonly nginx: string;
}

const TIMEOUT_MS = 2_000;

/** Asks nginx over its private unix socket what it serves. */
export class Control {
  readonly #socket: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Over a kept connection. Throws when nobody answers or the answer makes no sense. */
  async served(): Promise<Served> {
    try {
      return await this.#ask(this.#agent);
    } catch {
      // The kept connection may have gone with a worker of an earlier configuration.
      return await this.servedAfresh();
    }
  }

  /** Over a new connection, which only a worker that still accepts connections can answer. */
  servedAfresh(): Promise<Served> {
    return this.#ask(false);
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(agent: Agent | false): Promise<Served> {
    return new Promise((resolve, reject) => {
      const ask = request({ socketPath: this.#socket, path: '/generation', agent, timeout: TIMEOUT_MS }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve(parse(body));
          } catch {
            reject(
              new Error(`nginx's control socket answered ${response.statusCode} ${JSON.stringify(body.slice(0, 80))}`),
            );
          }
        });
      });
      ask.on('timeout', () => ask.destroy(new Error(`no answer on nginx's control socket within ${TIMEOUT_MS} ms`)));
      ask.on('error', reject);
      ask.end();
    });
  }
}

function parse(body: string): Served {
  const { version, generation, pid, nginx } = JSON.parse(body) as Record<string, unknown>;
  const match = /^=(\d+)$/.exec(String(generation));
  return {
    version: String(version),
    generation: match ? Number(match[1]) : -1,
    pid: Number(pid),
    nginx: String(nginx),
  };
}
