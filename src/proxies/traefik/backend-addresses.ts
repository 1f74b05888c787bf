import { isIP } from 'node:net';
import { formatAddress } from '../../system/address.ts';
import type { Addresses, Place } from '../addresses.ts';
import { gatherBackends } from '../backends.ts';
import type { Backend } from '../driver.ts';

/** Traefik resolves host names by itself, but to make sense of its sockets we need the addresses too. */
export class BackendAddresses {
  readonly #addresses: Addresses;
  #backends: ReadonlyMap<string, Backend> = new Map();
  #resolved: ReadonlyMap<string, Backend> | undefined;

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  /** Takes the routes behind each address or `name:port`. New names are looked up in the background. */
  learn(backends: ReadonlyMap<string, Backend>): void {
    this.#backends = backends;
    this.#resolved = undefined;
    this.#addresses.retain(({ name, port }) => backends.has(`${name}:${port}`));
    const places = [...backends.keys()].map(placeIn).filter((place) => place !== undefined);
    if (places.length > 0) void this.#addresses.ensure(places).then(() => this.moved());
  }

  /** Names have other addresses now. */
  moved(): void {
    this.#resolved = undefined;
  }

  /** By address as `ss` prints it; names without one are left out. */
  resolved(): ReadonlyMap<string, Backend> {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }

  stop(): void {
    this.#addresses.stop();
  }

  #resolve(): ReadonlyMap<string, Backend> {
    return gatherBackends(
      [...this.#backends].flatMap(([address, { keys, tls }]) => {
        const place = placeIn(address);
        return (place ? this.#addressesOf(place) : [address]).map((one) => [one, keys, tls] as const);
      }),
    );
  }

  #addressesOf(place: Place): string[] {
    return this.#addresses.get(place).map((host) => formatAddress({ host, port: place.port }));
  }
}

function placeIn(address: string): Place | undefined {
  if (address.startsWith('[')) return undefined;
  const colon = address.lastIndexOf(':');
  const name = address.slice(0, colon);
  return isIP(name) ? undefined : { name, port: Number(address.slice(colon + 1)) };
}
