import type { Series, Traffic } from '../../api/traffic/schemas.ts';
import type { Question } from './poll.ts';

/** Samples are asked for from the last known one on, that one included: it may not have been over. */
export function trafficPath(known: Traffic | undefined): string {
  const last = known?.coarse.times.at(-1);
  return last === undefined ? 'api/traffic' : `api/traffic?since=${last - 1}`;
}

/** Puts newer samples behind those that are known; a daemon that was started anew begins anew. */
export function mergeTraffic(known: Traffic | undefined, newer: Traffic): Traffic {
  if (!known || known.since !== newer.since) return newer;
  return { ...newer, fine: merge(known.fine, newer.fine, 300), coarse: merge(known.coarse, newer.coarse, 360) };
}

function merge(known: Series, newer: Series, length: number): Series {
  const [first] = newer.times;
  if (first === undefined) return known;
  const found = known.times.findIndex((time) => time >= first);
  const kept = found < 0 ? known.times.length : found;
  const names = Object.keys(newer) as (keyof Series)[];
  const merged = names.map((name) => {
    const value = newer[name];
    return [
      name,
      Array.isArray(value) ? [...(known[name] as number[]).slice(0, kept), ...value].slice(-length) : value,
    ];
  });
  return Object.fromEntries(merged) as Series;
}

/** How several samples become one. */
export type Join = 'sum' | 'mean' | 'most';

/** Makes one sample out of `size`; null where none of them is known. */
export function joinSamples(values: readonly (number | null)[], size: number, how: Join): (number | null)[] {
  const joined: (number | null)[] = [];
  for (let at = 0; at < values.length; at += size) {
    const known = values.slice(at, at + size).filter((value) => value !== null && value !== undefined);
    const sum = known.reduce((total, value) => total + value, 0);
    if (known.length === 0) joined.push(null);
    else if (how === 'most') joined.push(Math.max(...known));
    else joined.push(how === 'mean' ? sum / known.length : sum);
  }
  return joined;
}

/** The daemon looks at open connections every 10 s, unless it is told otherwise, and a look takes its time. */
const HOLD_MS = 20_000;

/** What a look found stands until the next one; `step`: of the samples, ms. */
export function holdLooks(values: readonly (number | null)[], step: number): (number | null)[] {
  let known = -1;
  return values.map((value, at) => {
    if (value !== null) known = at;
    const isHeld = known >= 0 && (at - known) * step < HOLD_MS;
    return isHeld ? (values[known] as number) : null;
  });
}

/** The traffic of the last hour; after the first answer only what is new. */
export const trafficQuestion: Question<Traffic> = {
  name: 'traffic',
  path: trafficPath,
  merge: mergeTraffic,
  every: 2_000,
};
