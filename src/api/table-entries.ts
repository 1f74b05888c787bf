import { SignalboxError } from '../errors.ts';
import { checkKey } from '../routes/key.ts';
import { type EntryProblem, listProblems } from '../routes/problems.ts';
import type { Change } from '../routes/wish.ts';
import { Breather } from '../system/breather.ts';
import type { View } from './namespaces/view.ts';
import { type GivenRoute, isObject, routeOf } from './route-of.ts';

/** Schemes that a target may have here. POST takes anything, as CHP does. */
const SCHEMES = ['http:', 'https:', 'http+unix:', 'unix+http:'];

/** What a table or a patch asks for; null removes. */
export type TableEntries = Pick<Change, 'set' | 'remove'>;

/**
 * Reads the body of PUT or PATCH: an object from key to route, as a Map. Nothing is taken unless all of it can be; the error
 * names all that can't; a key of another namespace is refused at once.
 */
export async function readEntries(
  body: unknown,
  view: View,
  hostRouting: boolean,
  allowNull: boolean,
): Promise<TableEntries> {
  if (!(body instanceof Map)) {
    throw new SignalboxError('BAD_TABLE', 'The body is not a JSON object from key to route', { hint: SHAPE_HINT });
  }
  const breather = new Breather();
  const seen = new Set<string>();
  const set: TableEntries['set'][number][] = [];
  const remove: string[] = [];
  const problems: EntryProblem[] = [];
  let shapeless = false;
  for (const [given, value] of body as Map<string, unknown>) {
    try {
      const named = checkKey(given, view.keys);
      const key = view.toStored(named);
      if (seen.has(key)) throw new Problem(`another entry is for ${JSON.stringify(named)}, too`);
      seen.add(key);
      if (allowNull && value === null) remove.push(key);
      else set.push(readEntry(key, value, hostRouting));
    } catch (error) {
      if (!(error instanceof SignalboxError || error instanceof Problem) || isOutside(error)) throw error;
      shapeless ||= !(error instanceof TargetProblem);
      problems.push({ key: given, message: error.message });
    }
    if (breather.isDue) await breather.rest();
  }
  if (problems.length === 0) return { set, remove };
  const hint = shapeless ? SHAPE_HINT : 'A target is a URL such as http://127.0.0.1:9000. Nothing was changed.';
  throw new SignalboxError('BAD_TABLE', listProblems(problems), { hint });
}

const SHAPE_HINT =
  'The object looks like {"/user/alice": {"target": "http://127.0.0.1:9000"}}, as GET gives it. Nothing was changed.';

function isOutside(error: Error): boolean {
  return error instanceof SignalboxError && error.code === 'NOT_IN_NAMESPACE';
}

class Problem extends Error {}
class TargetProblem extends Problem {}

function readEntry(key: string, value: unknown, hostRouting: boolean): TableEntries['set'][number] {
  if (!isObject(value)) throw new Problem('is not a JSON object');
  checkTarget(value.target);
  const lastActivity = readTime(value.last_activity);
  const route = routeOf(key, value as GivenRoute, hostRouting);
  return lastActivity === undefined ? { route } : { route, lastActivity };
}

function checkTarget(target: unknown): void {
  if (typeof target !== 'string') throw new Problem("must specify 'target' as string");
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (!url || !SCHEMES.includes(url.protocol) || url.host === '') {
    const meant = /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?(?:\/|$)/i.test(target) ? `: http:// in front?` : '';
    throw new TargetProblem(`target ${JSON.stringify(target)} is no http, https or http+unix URL${meant}`);
  }
}

/** A time in the future would keep a server from being culled: it counts as now, like none. */
function readTime(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(time)) throw new Problem(`last_activity ${JSON.stringify(value)} is no date`);
  return time > Date.now() ? undefined : time;
}
