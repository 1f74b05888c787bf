import { lookup } from 'node:dns/promises';
import type { Log } from '../system/log.ts';
import { answeringAddress } from './answering-address.ts';
import { Lookups } from './lookups.ts';

/** A host name and a port, as targets have them. */
export interface Place {
  readonly name: string;
  readonly port: number;
}

export interface AddressesOptions {
  /** How often every known name is looked up again, in ms. getaddrinfo(3) gives no time to live, so this stands in for it. */
  refreshMs: number;
  /** Called with the places whose addresses moved. */
  onMove: (places: readonly Place[]) => void;
  log: Pick<Log, 'info' | 'warn'>;
  /** All addresses of a name, as the system resolves it (/etc/hosts, search domains). */
  resolve?: (name: string) => Promise<readonly string[]>;
  /** false for a proxy that tries all addresses by itself, to which their order does not matter. */
  probe?: boolean;
}

interface Known {
  /** In the system's order; none until it resolves. */
  addresses: readonly string[];
  failing: boolean;
  /** By port: the address that is tried first. */
  readonly first: Map<number, string | undefined>;
}

/** More addresses of a name are not used: each takes room in the proxy's table. */
export const MOST_ADDRESSES = 4;
/** How long a change of routes waits for DNS. */
const PATIENCE_MS = 2_000;
/** How soon after the start the addresses that an earlier daemon left are looked up again, ms. */
const SEED_CHECK_MS = 100;
/** Names that move within this time are reported together, ms. */
const GATHER_MS = 100;
const PROBES_AT_ONCE = 16;

/**
 * Host names of targets, resolved as every other program on this machine does: nginx's own `resolver` knows neither
 * /etc/hosts nor search domains. A name keeps its last good addresses while DNS is down.
 */
export class Addresses {
  readonly #options: AddressesOptions;
  readonly #lookups: Lookups;
  readonly #known = new Map<string, Known>();
  #refreshTimer: NodeJS.Timeout | undefined;
  #moved: Place[] = [];
  #moveTimer: NodeJS.Timeout | undefined;

  constructor(options: AddressesOptions) {
    this.#options = options;
    this.#lookups = new Lookups(options.resolve ?? systemLookup);
  }

  /** The addresses that are known now, the one to try first in front; none while the name does not resolve. */
  get(place: Place): readonly string[] {
    return this.#inOrder(place).slice(0, MOST_ADDRESSES);
  }

  /** What an earlier daemon knew, good until DNS says otherwise; that is asked soon, but nobody waits for it. */
  seed({ name, port }: Place, addresses: readonly string[]): void {
    const known = this.#known.get(name);
    if (known) known.first.set(port, addresses[0]);
    else this.#known.set(name, { addresses, failing: false, first: new Map([[port, addresses[0]]]) });
    this.#schedule(Math.min(SEED_CHECK_MS, this.#options.refreshMs));
  }

  /**
   * Looks up the places that aren't known yet. Never throws, never takes long: a name without an address is tried again
   * later, and one that is found too late is told as moved.
   */
  async ensure(places: Iterable<Place>): Promise<void> {
    const names = new Set<string>();
    const ports: Place[] = [];
    for (const place of places) {
      const known = this.#known.get(place.name);
      if (known?.first.has(place.port)) continue;
      if (!known) this.#known.set(place.name, { addresses: [], failing: false, first: new Map() });
      this.#known.get(place.name)?.first.set(place.port, undefined);
      if (!known) names.add(place.name);
      else if (!names.has(place.name)) ports.push(place);
    }
    if (names.size + ports.length === 0) return;
    let late = false;
    const done = (moved: readonly Place[]) => {
      if (late) this.#tell(moved);
    };
    const found = Promise.all([
      ...[...names].map(async (name) => done(await this.#lookUp(name, true))),
      this.#choose(ports).then(done),
    ]);
    let patience: NodeJS.Timeout | undefined;
    const tooLong = new Promise((resolve) => {
      patience = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([found, tooLong]);
    clearTimeout(patience);
    late = true;
    // Those whose turn has not come are looked up among the known ones, so that newer names need not wait for them.
    this.#lookups.giveUp(names);
    this.#schedule();
  }

  /** Forgets every place that is not in use any more. */
  retain(isUsed: (place: Place) => boolean): void {
    for (const [name, { first }] of this.#known) {
      for (const port of first.keys()) if (!isUsed({ name, port })) first.delete(port);
      if (first.size === 0) this.#known.delete(name);
    }
  }

  stop(): void {
    clearTimeout(this.#refreshTimer);
    clearTimeout(this.#moveTimer);
    this.#refreshTimer = undefined;
    this.#known.clear();
  }

  #inOrder({ name, port }: Place): readonly string[] {
    const { addresses = [], first } = this.#known.get(name) ?? {};
    const chosen = first?.get(port);
    const front = chosen !== undefined && addresses.includes(chosen) ? chosen : addresses[0];
    if (front === undefined || addresses.length === 1) return addresses;
    // Sorted: many name servers tell them in another order each time.
    return [front, ...addresses.filter((address) => address !== front).sort()];
  }

  #schedule(ms = this.#options.refreshMs): void {
    if (this.#refreshTimer || this.#known.size === 0) return;
    this.#refreshTimer = setTimeout(() => void this.#refresh(), ms);
    this.#refreshTimer.unref();
  }

  /** One name after the other: a slow or silent name server delays the refresh of known names, and no new one. */
  async #refresh(): Promise<void> {
    const started = Date.now();
    for (const name of [...this.#known.keys()]) this.#tell(await this.#lookUp(name, false));
    this.#refreshTimer = undefined;
    // Jitter, so that daemons that were started together don't ask at the same time.
    const interval = this.#options.refreshMs * (0.9 + 0.2 * Math.random());
    this.#schedule(Math.max(0, interval - (Date.now() - started)));
  }

  /** Returns the places whose addresses have changed. */
  async #lookUp(name: string, urgent: boolean): Promise<readonly Place[]> {
    const known = this.#known.get(name);
    if (!known) return [];
    const places = Array.from(known.first.keys(), (port) => ({ name, port }));
    const before = places.map((place) => this.get(place).join());
    try {
      const addresses = await this.#lookups.lookUp(name, urgent);
      if (addresses === undefined) return [];
      if (addresses.length === 0) throw new Error('no address');
      known.addresses = addresses;
      if (known.failing) this.#options.log.info({ name, addresses }, 'host name of a target resolves again');
      known.failing = false;
      await this.#choose(places);
    } catch (error) {
      if (!known.failing) {
        const kept = known.addresses.length > 0 && `its last address ${known.addresses.join(', ')} stays in use`;
        this.#options.log.warn(
          { name, reason: (error as Error).message },
          `host name of a target does not resolve; ${kept || 'its routes answer 503 until it does'}`,
        );
      }
      known.failing = true;
    }
    return places.filter((place, index) => this.get(place).join() !== before[index]);
  }

  /**
   * `localhost` is often ::1 and 127.0.0.1 with a backend on one of them only. A proxy that finds the first address silent
   * goes on to the next, but not with every request (large bodies), and not soon where nobody refuses. So the first is one that
   * answers, and it stays the first as long as it does. Returns the places whose first address has changed.
   */
  async #choose(places: readonly Place[]): Promise<readonly Place[]> {
    if (this.#options.probe === false) return [];
    const moved: Place[] = [];
    const queue = places.values();
    const probe = async () => {
      for (const place of queue) {
        const known = this.#known.get(place.name);
        const [before, ...others] = this.#inOrder(place);
        if (!known || others.length === 0) continue;
        const first = (await answeringAddress([before as string, ...others], place.port)) ?? before;
        known.first.set(place.port, first);
        if (first !== before) moved.push(place);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PROBES_AT_ONCE, places.length) }, probe));
    return moved;
  }

  #tell(places: readonly Place[]): void {
    for (const place of places) if (this.#known.has(place.name)) this.#moved.push(place);
    if (this.#moved.length === 0 || this.#moveTimer) return;
    this.#moveTimer = setTimeout(() => {
      const moved = this.#moved;
      this.#moved = [];
      this.#moveTimer = undefined;
      this.#options.onMove(moved);
    }, GATHER_MS);
    this.#moveTimer.unref();
  }
}

async function systemLookup(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: 'verbatim' });
  return [...new Set(found.map(({ address }) => address))];
}
