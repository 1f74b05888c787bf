import { depthOf } from '../../routes/key.ts';
import type { Descriptor } from './descriptor.ts';

/** The link of a route: where it lies below its table, and what it says. */
export function routeLink(key: string, descriptor: Descriptor): { path: string; to: string } {
  const depth = depthOf(key);
  const up = '../'.repeat(Math.max(depth, 1) + 1);
  return { path: depth === 0 ? '0/-' : `${depth}${key}`, to: up + descriptorPath(descriptor) };
}

/** The descriptor that a link leads to; undefined for one that is not ours. */
export function descriptorIn(link: string | undefined): Descriptor | undefined {
  return /^(?:\.\.\/)*(?:p\/)?t\/(.+)$/s.exec(link ?? '')?.[1];
}

/** Where a descriptor is a name in the run folder: those with a path are apart, as an address alone is no folder there. */
export function descriptorPath(descriptor: Descriptor): string {
  return isAddress(descriptor) || !descriptor.includes('/') ? `t/${descriptor}` : `p/t/${descriptor}`;
}

/** `http/127.0.0.1:9002`: what most are. */
export function isAddress(descriptor: Descriptor): boolean {
  return /^https?\/[^/]+$/.test(descriptor);
}
