import { Breather } from '../system/breather.ts';
import { sortInSlices } from '../system/sort-in-slices.ts';
import { type Choice, finder, type Page, type ROUTE_SORTS, type SHOWS } from './choices.ts';
import { byText } from './key-order.ts';
import type { Kind, RouteFacts } from './kind-of.ts';
import { once, type Survey } from './survey.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What is used now was used within this time. */
const ACTIVE_MS = 5 * MINUTE_MS;
/** First bytes that take longer are slow. */
const SLOW_MS = 1_000;

export type Show = (typeof SHOWS)[number];
export type RouteSort = (typeof ROUTE_SORTS)[number];

export interface RouteChoice extends Choice<Show, RouteSort> {
  /** Undefined for all kinds. */
  readonly kind: Kind | undefined;
}

/** The routes that are asked for, in their order: a part of their indexes in the survey. Ties are in the order of their keys. */
export async function rankRoutes(
  survey: Survey,
  choice: RouteChoice,
  { offset, limit }: { offset: number; limit: number },
): Promise<Page<number>> {
  const name = JSON.stringify(['routes', choice.q, choice.show, choice.kind, choice.sort, choice.desc]);
  const ranked = await once(survey, name, () => rank(survey, choice));
  return {
    total: survey.ordered.entries.length,
    matching: ranked.length,
    rows: [...ranked.subarray(offset, offset + limit)],
  };
}

async function rank(survey: Survey, { q, show, kind, sort, desc }: RouteChoice): Promise<Uint32Array> {
  const breather = new Breather();
  const has = finder(q);
  const isShown = showing(survey, show);
  const { entries, facts: all } = survey.ordered;
  const found = new Uint32Array(entries.length);
  let count = 0;
  for (const [index, { route }] of entries.entries()) {
    if (breather.isDue) await breather.rest();
    if (!isShown(index)) continue;
    const facts = all[index] as RouteFacts;
    if (kind !== undefined && facts.kind !== kind) continue;
    if (show === 'foreign' && facts.kind !== 'foreign') continue;
    // Never in what is not shown: whether it is found would tell what it is.
    if (has(route.key) || has(facts.user ?? '') || has(facts.shown)) found[count++] = index;
  }
  const matching = found.slice(0, count);
  const compare = comparing(survey, sort);
  if (sort === 'route') return desc ? matching.reverse() : matching;
  return sortInSlices(matching, desc ? (a, b) => compare(b, a) : compare, breather);
}

function showing(survey: Survey, show: Show): (index: number) => boolean {
  const { time, open, recentRequests, serverErrors, p95, lastActivity, isUnused } = survey;
  const of = (column: Float64Array | Uint8Array, index: number) => column[index] as number;
  switch (show) {
    case 'active':
      return (index) =>
        of(open, index) > 0 ||
        of(recentRequests, index) > 0 ||
        (of(isUnused, index) === 0 && time - of(lastActivity, index) < ACTIVE_MS);
    case 'errors':
      return (index) => of(serverErrors, index) > 0;
    case 'slow':
      return (index) => of(p95, index) > SLOW_MS;
    case 'idle':
      return (index) => time - of(lastActivity, index) > HOUR_MS;
    case 'never':
      return (index) => of(isUnused, index) === 1;
    default:
      return () => true;
  }
}

function comparing(survey: Survey, sort: RouteSort): (a: number, b: number) => number {
  const { ordered, open, recentRequests, serverErrors, p95, lastActivity } = survey;
  const factsAt = (index: number) => ordered.facts[index] as RouteFacts;
  switch (sort) {
    case 'owner':
      return byText((index) => factsAt(index).user ?? factsAt(index).service ?? '');
    case 'target':
      return byText((index) => factsAt(index).shown);
    case 'open':
      return byNumber(open);
    case 'requests':
      return byNumber(recentRequests);
    case 'errors':
      return byNumber(serverErrors);
    case 'slow':
      return byNumber(p95);
    case 'used':
      return byNumber(lastActivity);
    default:
      return (a, b) => a - b;
  }
}

function byNumber(column: Float64Array): (a: number, b: number) => number {
  return (a, b) => (column[a] as number) - (column[b] as number);
}
