import { gatherBackends } from '../backends.ts';
import type { Backend } from '../driver.ts';
import type { Descriptor } from './descriptor.ts';

type Entries = Iterable<readonly [key: string, descriptor: Descriptor]>;

/** The routes behind each address, as `ss` prints it: `127.0.0.1:9002`, `[::1]:9002`. Unix sockets have none. */
export function backendsOf(entries: Entries): Map<string, Backend> {
  return gatherBackends(addresses(entries));
}

function* addresses(entries: Entries): Generator<[string, string[], boolean]> {
  for (const [key, descriptor] of entries) {
    const tls = descriptor.startsWith('https/');
    if (!tls && !descriptor.startsWith('http/')) continue;
    for (const address of addressesIn(descriptor, tls ? 6 : 5)) yield [address, [key], tls];
  }
}

/** Up to the host name or the path behind them. No regular expression: there may be 100,000 of them. */
function addressesIn(descriptor: Descriptor, start: number): string[] {
  let end = start;
  while (end < descriptor.length && descriptor[end] !== '/' && descriptor[end] !== ',') end++;
  return descriptor.slice(start, end).split('|');
}
