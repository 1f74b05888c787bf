import { ControlConnection } from './control-connection.ts';

/** What nginx says of itself on the control socket. */
export interface Served {
  /** Digest of the configuration that it runs. */
  readonly digest: string;
  /** The generation that was asked for; -1 when nginx serves another one. */
  readonly generation: number;
  /** Process id of the worker that answered. */
  readonly pid: number;
  /** `1.22.1` */
  readonly nginx: string;
}

const TIMEOUT_MS = 2_000;
/** For a look that changes nothing: two of them fit into five seconds. */
const LOOK_MS = 1_800;

/** Asks nginx over its private unix socket what it serves. */
export class Control {
  readonly #socket: string;
  #kept: ControlConnection | undefined;
  /** Did nginx answer the last time? */
  answers = false;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Asks over a kept connection whether `generation` is served. Throws when nobody answers or the answer makes no sense. */
  async served(generation = 0): Promise<Served> {
    if (this.#kept?.isBusy) return await this.servedAfresh(generation);
    try {
      if (!this.#kept?.isOpen) this.#kept = new ControlConnection(this.#socket);
      const served = await ask(this.#kept, generation);
      this.answers = true;
      return served;
    } catch {
      // The kept connection may have gone with a worker of an earlier configuration.
      return await this.servedAfresh(generation);
    }
  }

  /** Asks over a new connection, which only a worker that still accepts connections can answer. */
  async servedAfresh(generation = 0): Promise<Served> {
    try {
      const served = await this.#askAfresh(generation);
      this.answers = true;
      return served;
    } catch (error) {
      this.answers = false;
      throw error;
    }
  }

  /** For a look that changes nothing, not even `answers`. */
  look(generation: number): Promise<Served> {
    return this.#askAfresh(generation, LOOK_MS);
  }

  close(): void {
    this.#kept?.close();
  }

  async #askAfresh(generation: number, timeoutMs?: number): Promise<Served> {
    const connection = new ControlConnection(this.#socket);
    try {
      return await ask(connection, generation, timeoutMs);
    } finally {
      connection.close();
    }
  }
}

async function ask(connection: ControlConnection, generation: number, timeoutMs = TIMEOUT_MS): Promise<Served> {
  const { status, text } = await connection.ask(`/generation/${generation}`, timeoutMs);
  try {
    return parse(text);
  } catch {
    throw new Error(`nginx's control socket answered ${status} ${JSON.stringify(text.slice(0, 80))}`);
  }
}

function parse(body: string): Served {
  const { digest, generation, pid, nginx } = JSON.parse(body) as Record<string, unknown>;
  const match = /^=(\d+)$/.exec(String(generation));
  return {
    digest: String(digest),
    generation: match ? Number(match[1]) : -1,
    pid: Number(pid),
    nginx: String(nginx),
  };
}
