import { depthOf } from '../../routes/key.ts';
import type { Descriptor } from './descriptor.ts';

/** The link of a route: where it lies below its table, and what it says. */
export function routeLink(key: string, descriptor: Descriptor): { path: string; to: string } {
  const depth = depthOf(key);
  return { path: depth === 0 ? '0/-' : `${depth}${key}`, to: `${'../'.repeat(Math.max(depth, 1) + 1)}t/${descriptor}` };
}

/** The descriptor that a link leads to; undefined for one that is not ours. */
export function descriptorIn(link: string | undefined): Descriptor | undefined {
  return /^(?:\.\.\/)+t\/(.+)$/s.exec(link ?? '')?.[1];
}
