import { Agent, type RequestOptions, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { canaryPath, generationIn, MARKER_HEADER, markerPath } from './marker.ts';

const TIMEOUT_MS = 2_000;
/** When nothing is to be changed: two of them are over before five seconds are. */
const LOOK_MS = 1_800;

/** Asks Traefik over HTTP which generation it serves: see marker.ts. */
export class MarkerClient {
  readonly #token: string;
  readonly #agents = [new Agent({ keepAlive: true, maxSockets: 1 }), new TlsAgent({ keepAlive: true, maxSockets: 1 })];
  /** Entry point to ask; another one when the port had to be changed. */
  url: URL;
  /** Did somebody answer the last time? */
  answers = false;
  /** Of the last answer that was not our marker's. */
  othersStatus: number | undefined;

  constructor(url: URL, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** Undefined when Traefik answers and knows nothing of us (yet). Throws when nobody answers. */
  async served(): Promise<number | undefined> {
    try {
      const served = await this.#served(TIMEOUT_MS);
      this.answers = true;
      return served;
    } catch (error) {
      this.answers = false;
      throw error;
    }
  }

  /** The same for a look that is nothing but one: a late answer says nothing about `answers`. */
  look(): Promise<number | undefined> {
    return this.#served(LOOK_MS);
  }

  /** Has Traefik left out the routes of the file that it serves? */
  async lacksRoutes(): Promise<boolean> {
    return (await this.#ask(canaryPath(this.#token))).generation !== undefined;
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #served(timeout: number): Promise<number | undefined> {
    const { generation, status } = await this.#ask(markerPath(this.#token), timeout);
    this.othersStatus = generation === undefined ? status : undefined;
    return generation;
  }

  /** `generation` is undefined when another router answers, or none. */
  #ask(path: string, timeout = TIMEOUT_MS): Promise<{ generation: number | undefined; status: number | undefined }> {
    return new Promise((resolve, reject) => {
      const secure = this.url.protocol === 'https:';
      // Whose certificate it is does not matter: only our Traefik knows what to answer.
      const options: RequestOptions & { rejectUnauthorized: boolean } = {
        path,
        agent: this.#agents[secure ? 1 : 0],
        timeout,
        rejectUnauthorized: false,
      };
      const ask = (secure ? tlsRequest : request)(this.url, options, (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => {
          const header = response.headers[MARKER_HEADER.toLowerCase()];
          resolve({
            generation: generationIn(Array.isArray(header) ? header[0] : header),
            status: response.statusCode,
          });
        });
      });
      ask.on('timeout', () => ask.destroy(new Error(`no answer within ${timeout} ms`)));
      ask.on('error', reject);
      ask.end();
    });
  }
}
