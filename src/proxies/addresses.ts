import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';

export interface AddressesOptions {
  /** How often every known name is looked up again, in ms. getaddrinfo(3) gives no time to live, so this stands in for it. */
  refreshMs: number;
  /** Called with the names whose address moved. */
  onMove: (names: readonly string[]) => void;
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  /** All addresses of a name, as the system resolves it (/etc/hosts, search domains). */
  resolve?: (name: string) => Promise<string[]>;
}

interface Known {
  address: string | undefined;
  failing: boolean;
  /** A port that a target uses, to choose between several addresses. */
  readonly port: number;
}

const PROBE_MS = 250;
/** How long a change of routes waits for DNS. */
const PATIENCE_MS = 2_000;
/** When the addresses that an earlier daemon left are looked at. */
const SEED_CHECK_MS = 100;

/**
 * Host names of targets, resolved as every other program on this machine does: nginx's own `resolver` knows neither
 * /etc/hosts nor search domains. A name keeps its last good address while DNS is down.
 */
export class Addresses {
  readonly #options: AddressesOptions;
  readonly #resolve: (name: string) => Promise<string[]>;
  readonly #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AddressesOptions) {
    this.#options = options;
    this.#resolve = options.resolve ?? systemLookup;
  }

  /** The address that is known now. */
  get(name: string): string | undefined {
    return this.#known.get(name)?.address;
  }

  /** What an earlier daemon knew, good until DNS says otherwise; that is asked soon, but nobody waits for it. */
  seed(name: string, address: string, port: number): void {
    if (this.#known.has(name)) return;
    this.#known.set(name, { address, failing: false, port });
    this.#schedule(Math.min(SEED_CHECK_MS, this.#options.refreshMs));
  }

  /**
   * Looks up the names that aren't known yet (with the port that a target uses). Never throws, never takes long: a name
   * without an address is tried again later, and one that is found too late is told as moved.
   */
  async ensure(names: ReadonlyMap<string, number>): Promise<void> {
    const unknown = [...names].filter(([name]) => !this.#known.has(name));
    if (unknown.length === 0) return;
    for (const [name, port] of unknown) this.#known.set(name, { address: undefined, failing: false, port });
    const found = Promise.all(unknown.map(([name]) => this.#lookUp(name)));
    let patience: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      patience = setTimeout(() => resolve('late'), PATIENCE_MS);
    });
    if ((await Promise.race([found, late])) === 'late') {
      void found.then(() => {
        const moved = unknown.map(([name]) => name).filter((name) => this.get(name) !== undefined);
        if (moved.length > 0) this.#options.onMove(moved);
      });
    }
    clearTimeout(patience);
    this.#schedule();
  }

  /** Forgets every name that is not in use any more. */
  retain(isUsed: (name: string) => boolean): void {
    for (const name of this.#known.keys()) if (!isUsed(name)) this.#known.delete(name);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#known.clear();
  }

  #schedule(ms = this.#options.refreshMs): void {
    if (this.#timer || this.#known.size === 0) return;
    this.#timer = setTimeout(() => void this.#refresh(), ms);
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    const before = new Map([...this.#known].map(([name, known]) => [name, known.address]));
    await Promise.all([...before.keys()].map((name) => this.#lookUp(name)));
    this.#timer = undefined;
    const moved = [...before].filter(([name, address]) => this.#known.has(name) && this.get(name) !== address);
    if (moved.length > 0) this.#options.onMove(moved.map(([name]) => name));
    this.#schedule();
  }

  async #lookUp(name: string): Promise<void> {
    const known = this.#known.get(name);
    if (!known) return;
    try {
      const addresses = await this.#resolve(name);
      if (addresses.length === 0) throw new Error('no address');
      // Several addresses: stay with the one in use while it is among them and answers.
      const ordered = known.address && addresses.includes(known.address) ? [known.address, ...addresses] : addresses;
      known.address = addresses.length === 1 ? addresses[0] : await firstThatAnswers([...new Set(ordered)], known.port);
      if (known.failing)
        this.#options.log.info({ name, address: known.address }, 'host name of a target resolves again');
      known.failing = false;
    } catch (error) {
      if (!known.failing) {
        const kept = known.address
          ? `its last address ${known.address} stays in use`
          : 'its routes answer 503 until it does';
        this.#options.log.warn(
          { name, reason: (error as Error).message },
          `host name of a target does not resolve; ${kept}`,
        );
      }
      known.failing = true;
    }
  }
}

async function systemLookup(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: 'verbatim' });
  return [...new Set(found.map(({ address }) => address))];
}

/**
 * `localhost` is often ::1 and 127.0.0.1 with a backend on one of them only. Node's own client tries them in turn for
 * each connection (RFC 8305); nginx gets one address, so they are tried here. None answers: the first.
 */
async function firstThatAnswers(addresses: string[], port: number): Promise<string | undefined> {
  for (const address of addresses) if (await answers(address, port)) return address;
  return addresses[0];
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => done(false), PROBE_MS);
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
