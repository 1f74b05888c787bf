import { isIP } from 'node:net';
import { formatAddress } from '../../config/address.ts';
import type { Addresses } from '../addresses.ts';
import type { Backend } from '../driver.ts';

/** Traefik looks host names up by itself; the look at its sockets needs their addresses all the same. */
export class BackendAddresses {
  readonly #addresses: Addresses;
  #backends: ReadonlyMap<string, Backend> = new Map();
  #resolved: ReadonlyMap<string, Backend> | undefined;

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  /** What is behind each address or `name:port`. Names that are new are looked up; nobody waits for it. */
  learn(backends: ReadonlyMap<string, Backend>): void {
    this.#backends = backends;
    this.#resolved = undefined;
    const names = new Map<string, number>();
    for (const place of backends.keys()) {
      const named = nameIn(place);
      if (named) names.set(named.name, named.port);
    }
    this.#addresses.retain((name) => names.has(name));
    if (names.size === 0) return;
    void this.#addresses.ensure(names).then(() => this.moved());
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

  #resolve(): Map<string, Backend> {
    const resolved = new Map<string, Backend>();
    for (const [place, backend] of this.#backends) {
      const named = nameIn(place);
      const host = named && this.#addresses.get(named.name);
      const address = named ? host && formatAddress({ host, port: named.port }) : place;
      if (address === undefined) continue;
      const other = resolved.get(address);
      resolved.set(
        address,
        other ? { keys: [...other.keys, ...backend.keys], tls: other.tls || backend.tls } : backend,
      );
    }
    return resolved;
  }
}

function nameIn(place: string): { name: string; port: number } | undefined {
  if (place.startsWith('[')) return undefined;
  const colon = place.lastIndexOf(':');
  const name = place.slice(0, colon);
  return isIP(name) ? undefined : { name, port: Number(place.slice(colon + 1)) };
}
