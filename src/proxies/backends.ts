import type { Backend } from './driver.ts';

/** The routes behind each address: the keys of each, and whether the proxy speaks TLS with it. */
export class Backends {
  readonly found = new Map<string, { keys: string[]; tls: boolean }>();

  add(address: string, keys: Iterable<string>, tls: boolean): void {
    const backend = this.found.get(address) ?? { keys: [], tls: false };
    for (const key of keys) backend.keys.push(key);
    backend.tls ||= tls;
    this.found.set(address, backend);
  }
}

export function gatherBackends(
  all: Iterable<readonly [address: string, keys: Iterable<string>, tls: boolean]>,
): ReadonlyMap<string, Backend> {
  const backends = new Backends();
  for (const one of all) backends.add(...one);
  return backends.found;
}
