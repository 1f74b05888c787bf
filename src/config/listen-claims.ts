import { clash, formatAddress, type HostPort } from '../system/address.ts';
import type { Key, Values } from './schema.ts';

/** What a listener takes for itself: an address, or the path of a socket. */
interface Claim {
  readonly key: Key;
  readonly at: HostPort | string;
}

/** Says which two listeners want the same place. */
export function clashingListeners(values: Values): string | undefined {
  const claims = claimsOf(values);
  for (const [index, a] of claims.entries()) {
    const b = claims.slice(index + 1).find((other) => meet(a.at, other.at));
    if (b !== undefined)
      return `${describe(a)} and ${describe(b)} can't both listen there: give one another ${what(a)}`;
  }
  return undefined;
}

/** All listeners there will be; a socket stands in the place of its address. */
function claimsOf(values: Values): Claim[] {
  const claims: Claim[] = [];
  for (const key of ['public', 'api', 'metrics'] as const) {
    const [path, address] = [values[`${key}-socket`], values[key]];
    if (path !== undefined) claims.push({ key: `${key}-socket`, at: path });
    else if (address !== undefined) claims.push({ key, at: address });
  }
  for (const key of ['redirect', 'traefik-dashboard'] as const) {
    if (values[key] !== undefined) claims.push({ key, at: values[key] });
  }
  return claims;
}

function meet(a: HostPort | string, b: HostPort | string): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return clash(a, b);
}

function describe({ key, at }: Claim): string {
  return `${key} (${typeof at === 'string' ? at : formatAddress(at)})`;
}

function what({ at }: Claim): string {
  return typeof at === 'string' ? 'path' : 'port';
}
