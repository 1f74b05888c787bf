import { inSlices } from '../../system/breather.ts';
import { Backends } from '../backends.ts';
import type { Backend } from '../driver.ts';
import type { Descriptor } from './descriptor.ts';

type Entries = Iterable<readonly [key: string, descriptor: Descriptor]>;

/** The routes behind each address, as `ss` prints it: `127.0.0.1:9002`, `[::1]:9002`. Unix sockets have none. */
export async function backendsOf(entries: Entries): Promise<ReadonlyMap<string, Backend>> {
  const backends = new Backends();
  await inSlices(entries, ([key, descriptor]) => {
    const tls = descriptor.startsWith('https/');
    if (!tls && !descriptor.startsWith('http/')) return;
    for (const address of addressesIn(descriptor, tls ? 6 : 5)) backends.add(address, [key], tls);
  });
  return backends.found;
}

/** Up to the host name or the path behind them. No regular expression: there may be 100,000 of them. */
function addressesIn(descriptor: Descriptor, start: number): string[] {
  let end = start;
  while (end < descriptor.length && descriptor[end] !== '/' && descriptor[end] !== ',') end++;
  return descriptor.slice(start, end).split('|');
}
