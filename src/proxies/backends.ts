import type { Backend } from './driver.ts';

/** The routes behind each address: the keys of each, and whether the proxy speaks TLS with it. */
export function gatherBackends(
  found: Iterable<readonly [address: string, keys: Iterable<string>, tls: boolean]>,
): Map<string, Backend> {
  const backends = new Map<string, { keys: string[]; tls: boolean }>();
  for (const [address, keys, tls] of found) {
    const backend = backends.get(address) ?? { keys: [], tls: false };
    for (const key of keys) backend.keys.push(key);
    backend.tls ||= tls;
    backends.set(address, backend);
  }
  return backends;
}
