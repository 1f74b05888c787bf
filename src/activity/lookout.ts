import type { Backend } from '../proxies/driver.ts';
import type { Log } from '../system/log.ts';
import type { Hit } from './hit.ts';
import { type DataSeen, Probe } from './probe.ts';
import { establishedSockets } from './sockets.ts';

export interface LookoutOptions {
  /** By the backend's address (`127.0.0.1:9002`). */
  readonly backends: () => ReadonlyMap<string, Backend> | Promise<ReadonlyMap<string, Backend>>;
  /** See Driver.mixesConnections. */
  readonly mixed: boolean;
  readonly sockets?: typeof establishedSockets | undefined;
  readonly now: () => number;
  readonly log: Pick<Log, 'warn'>;
}

/** What a look at the open connections found, by the routes behind each backend. */
export interface Sight {
  /** When clients last sent data, ms since 1970; as a look takes time, it may have been as early as `earliest`. */
  readonly active: readonly { readonly keys: readonly string[]; readonly time: number; readonly earliest: number }[];
  /** Open connections by key. */
  readonly connections: ReadonlyMap<string, number>;
  /** Those of one websocket or one upload alone; where connections are mixed, all. Only routes that have some. */
  readonly websockets: ReadonlyMap<string, number>;
  /** How many these are, each counted once however many routes its backend has. */
  readonly total: number;
}

/** Looks at open connections, and remembers what it saw of those that have ended since. */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #probe: Probe;
  #backends: ReadonlyMap<string, Backend> = new Map();
  /** By key, of backends with single connections; made when a log line needs it. */
  #addresses: Map<string, string> | undefined;
  #blind: string | undefined;

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#probe = new Probe(options.mixed);
  }

  /** Why connections can't be seen, undefined when they can. */
  get blind(): string | undefined {
    return this.#blind;
  }

  /** Undefined when connections can't be seen; warns of that once. */
  async look(): Promise<Sight | undefined> {
    const { backends, sockets = establishedSockets, now, log } = this.#options;
    try {
      const known = await backends();
      this.#backends = known;
      const began = now();
      const found = await sockets((peer) => known.has(peer));
      const took = now() - began;
      const { active, open, single } = this.#probe.look(found, now(), (peer) => known.get(peer)?.tls === true);
      this.#addresses = undefined;
      this.#blind = undefined;
      const keysOf = (address: string) => known.get(address)?.keys ?? [];
      return {
        active: active.map(({ peer, time }) => ({ keys: keysOf(peer), time, earliest: time - took })),
        connections: byKey(open, keysOf),
        websockets: byKey(single, keysOf),
        total: [...single.values()].reduce((sum, count) => sum + count, 0),
      };
    } catch (error) {
      const { message } = error as Error;
      if (this.#blind === undefined) {
        const hint = 'long websockets count as used only when they end; install iproute2, which has `ss`';
        log.warn({ reason: message }, `open connections cannot be looked at: ${hint}`);
      }
      this.#blind = message;
      return undefined;
    }
  }

  /** How much of the data that a request's client sent was seen by the looks, after the request has ended. */
  sawOf({ key, time, duration, complete, backendBytes: bytes }: Hit): DataSeen {
    const address = this.#addressOf(key);
    if (address === undefined || duration === undefined) return 'unknown';
    // The log does not tell how much it was: data after the last look is not counted.
    if (bytes === undefined)
      return !complete && this.#probe.lookedAt(address, time - duration, time) ? 'all' : 'unknown';
    return this.#probe.sawOf(address, bytes, time - duration, time);
  }

  /** For a route to whose backend single connections were seen; with TLS their bytes are not those in the log. */
  #addressOf(key: string): string | undefined {
    if (this.#addresses === undefined) {
      this.#addresses = new Map();
      for (const address of this.#probe.singles()) {
        const backend = this.#backends.get(address);
        if (backend && !backend.tls) for (const one of backend.keys) this.#addresses.set(one, address);
      }
    }
    return this.#addresses.get(key);
  }
}

function byKey(counts: ReadonlyMap<string, number>, keysOf: (address: string) => readonly string[]) {
  const found = new Map<string, number>();
  // A name may have several addresses.
  const add = (key: string, count: number) => found.set(key, (found.get(key) ?? 0) + count);
  for (const [address, count] of counts) for (const key of keysOf(address)) add(key, count);
  return found;
}
