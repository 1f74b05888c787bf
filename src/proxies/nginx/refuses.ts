import { depthOf } from '../../routes/key.ts';
import type { Refusal } from '../../routes/refusal.ts';
import type { Route } from '../../routes/route.ts';
import { MOST_ADDRESSES } from '../addresses.ts';
import { mapRow } from './beside-rows.ts';
import { describe, UNUSABLE } from './descriptor.ts';
import { fitsMap, fitsPaths, MAX_DEPTH } from './limits.ts';
import { quoteLiteral, quoteValue } from './quote.ts';
import { parseTarget, placeOf, refusesTarget } from './target.ts';

/** In place of addresses that aren't known yet: as many and as long as there can be. */
const LONGEST = Array<string>(MOST_ADDRESSES).fill('0000:0000:0000:0000:0000:0000:255.255.255.255');

/** Why nginx can't hold such a route. */
export function refuses(route: Pick<Route, 'key' | 'target'>): Refusal | undefined {
  if (depthOf(route.key) > MAX_DEPTH) {
    return {
      of: 'routespec',
      message: `routespec has more than ${MAX_DEPTH} segments`,
      hint: 'Every depth in use costs each request a look.',
    };
  }
  const refusal = refusesTarget(route.target);
  if (refusal) return refusal;
  const target = parseTarget(route.target);
  const descriptor = target ? describe(target, placeOf(target) && LONGEST) : UNUSABLE;
  if (fitsPaths(route.key, descriptor)) return undefined;
  if (fitsMap(quoteLiteral(route.key), quoteValue(mapRow(route.key, descriptor)))) return undefined;
  return {
    of: 'routespec',
    message: 'routespec and target are too long for nginx, whose configuration takes parameters of at most 4000 bytes',
    hint: 'Use a shorter routespec.',
  };
}
