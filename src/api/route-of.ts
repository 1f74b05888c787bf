import { SignalboxError } from '../errors.ts';
import { makeRoute, type Route } from '../routes/route.ts';

/** The JSON object of a route that was given, with its target checked to be there. */
export type GivenRoute = Record<string, unknown> & { target: string };

/** By hand: a check by the schema costs a POST some 40 µs. */
export function isGivenRoute(value: unknown): value is GivenRoute {
  return isObject(value) && typeof value.target === 'string';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The Route of a key and what was given for it. As in CHP, host routing puts the key's host into the data. */
export function routeOf(key: string, given: GivenRoute, hostRouting: boolean): Route {
  try {
    return makeRoute(key, hostRouting && key !== '/' ? { ...given, host: key.split('/')[1] } : given);
  } catch (cause) {
    // JSON.parse takes any depth, JSON.stringify runs out of stack.
    if (!(cause instanceof RangeError)) throw cause;
    throw new SignalboxError('BAD_JSON', 'Body not valid JSON: it is nested too deeply', { cause });
  }
}
