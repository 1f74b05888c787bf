import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { ask } from '../../process/ask.ts';
import { canaryPath, digestIn, MARKER_HEADER, markerPath } from './marker.ts';

const TIMEOUT_MS = 2_000;
/** For a look that changes nothing: two of them fit into five seconds. */
const LOOK_MS = 1_800;

/** Asks Traefik over HTTP what it serves: see marker.ts. */
export class MarkerClient {
  readonly #token: string;
  readonly #agents = {
    http: new Agent({ keepAlive: true, maxSockets: 1 }),
    https: new TlsAgent({ keepAlive: true, maxSockets: 1 }),
  };
  /** Entry point to ask; changes with the port. */
  url: URL;
  /** Did somebody answer the last time? */
  answers = false;
  /** Status of the last answer that did not come from our marker. */
  othersStatus: number | undefined;

  constructor(url: URL, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** Undefined when Traefik answers and knows nothing of us (yet). Throws when nobody answers. */
  async served(): Promise<string | undefined> {
    try {
      const served = await this.#served(TIMEOUT_MS);
      this.answers = true;
      return served;
    } catch (error) {
      this.answers = false;
      throw error;
    }
  }

  /** For a look that changes nothing, not even `answers`. */
  look(): Promise<string | undefined> {
    return this.#served(LOOK_MS);
  }

  /** Has Traefik left out the routes of the file that it serves? */
  async lacksRoutes(): Promise<boolean> {
    return (await this.#ask(canaryPath(this.#token))).digest !== undefined;
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #served(timeout: number): Promise<string | undefined> {
    const { digest, status } = await this.#ask(markerPath(this.#token), timeout);
    this.othersStatus = digest === undefined ? status : undefined;
    return digest;
  }

  /** `digest` is undefined when another router answers, or none. */
  async #ask(path: string, timeoutMs = TIMEOUT_MS): Promise<{ digest: string | undefined; status: number }> {
    const agent = this.url.protocol === 'https:' ? this.#agents.https : this.#agents.http;
    // The certificate does not matter: only our Traefik knows the answer.
    const tls = { rejectUnauthorized: false };
    const { status, headers } = await ask(this.url, path, { agent, tls, timeoutMs });
    const header = headers[MARKER_HEADER.toLowerCase()];
    return { digest: digestIn(Array.isArray(header) ? header[0] : header), status };
  }
}
