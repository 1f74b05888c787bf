import type { StatusReport } from '../../api/schemas.ts';
import type { TrafficRoute } from '../../api/traffic/schemas.ts';
import { formatBytes, formatCount, formatMoment, formatSpan, plural } from './format.ts';
import { hashOf, hashOfRoute } from './location.ts';

/** Something that someone should look at. */
export interface Trouble {
  /** Stays the same while it is the same trouble. */
  readonly id: string;
  readonly level: 'error' | 'warning';
  /** What it is about. `isName`: someone else has chosen the text. */
  readonly subject: string;
  readonly isName?: boolean;
  readonly text: string;
  readonly href: string;
}

/** Below that a few 5xx of a route are its own business. */
const ERRORS_THAT_MATTER = 10;
const BACKLOG_THAT_MATTERS = 4 * 1024 * 1024;
const RECENT_MS = 5 * 60_000;
/** Of one kind; the rest is counted. */
const SHOWN = 5;

export interface Troubled {
  readonly status: StatusReport | undefined;
  /** Routes with errors, those with most first. */
  readonly routes: readonly TrafficRoute[];
  /** By the daemon's clock. */
  readonly now: number;
}

/** What is wrong, the worst first. */
export function troublesOf({ status, routes, now }: Troubled): Trouble[] {
  const all = [
    ...(status ? [...ofProxy(status, now), ...ofTable(status, now), ...ofFleet(status)] : []),
    ...ofRoutes(routes, now),
  ];
  return [...all.filter(({ level }) => level === 'error'), ...all.filter(({ level }) => level === 'warning')];
}

function* ofProxy(status: StatusReport, now: number): Generator<Trouble> {
  const { proxy, driver, lastError, templates, activity } = status;
  const about = (id: string, level: Trouble['level'], subject: string, text: string): Trouble => ({
    id,
    level,
    subject,
    text,
    href: hashOf('proxy'),
  });
  if (!proxy.up) {
    yield about('proxy', 'error', driver, 'does not answer, or does not serve what it should');
  }
  const failed = lastError && `${lastError.message} (${formatMoment(Date.parse(lastError.time), now)})`;
  if (failed && status.pending > 0) {
    yield about('pending', 'error', plural(status.pending, 'change'), `not served yet: ${failed}`);
  } else if (failed && proxy.up && now - Date.parse(lastError.time) < RECENT_MS) {
    yield about('failed', 'warning', driver, `failed a short while ago, and serves all again: ${failed}`);
  }
  if (templates.error) {
    const { file, line, message } = templates.error;
    const where = file ? `${file}${line === null ? '' : `:${line}`} refused: ` : 'refused: ';
    yield about('templates', 'warning', 'templates', `${where}${message}. The last good ones are in use.`);
  }
  if (!activity) return;
  if (activity.blind !== null) {
    yield about('blind', 'warning', 'open connections', `can not be seen: ${activity.blind}`);
  }
  if (activity.backlogBytes > BACKLOG_THAT_MATTERS) {
    yield about(
      'backlog',
      'warning',
      'access log',
      `${formatBytes(activity.backlogBytes)} are not read yet: all figures lag behind`,
    );
  }
  if (activity.unreadable * 100 > activity.lines) {
    yield about('unreadable', 'warning', 'access log', `${plural(activity.unreadable, 'line')} could not be read`);
  }
}

function* ofTable({ refused, namespaces }: StatusReport, now: number): Generator<Trouble> {
  for (const { key, reason, since } of refused.slice(0, SHOWN)) {
    yield {
      id: `refused ${key}`,
      level: 'error',
      subject: key,
      isName: true,
      text: `refused by the proxy for ${formatSpan(now - Date.parse(since))}, so it is not served: ${reason}`,
      href: hashOfRoute(key),
    };
  }
  if (refused.length > SHOWN) {
    const text = 'are refused by the proxy';
    const subject = `${formatCount(refused.length - SHOWN)} more routes`;
    yield { id: 'refused', level: 'error', subject, text, href: hashOf('proxy') };
  }
  for (const { name, routes, maxRoutes } of namespaces) {
    if (maxRoutes === null || routes < maxRoutes) continue;
    const text = `has all of the ${plural(maxRoutes, 'route')} that it may have`;
    yield { id: `quota ${name}`, level: 'warning', subject: name, isName: true, text, href: hashOf('proxy') };
  }
}

function* ofFleet({ fleet, generation }: StatusReport): Generator<Trouble> {
  if (!fleet) return;
  const href = hashOf('proxy');
  if (fleet.problem !== null) {
    const text = `${fleet.problem}. The table is ${formatSpan(fleet.staleSeconds * 1000)} old.`;
    yield { id: 'database', level: 'error', subject: 'database', text, href };
  }
  for (const { id, name, served, self, awaited, leaseSeconds } of fleet.replicas) {
    if (self || !awaited) continue;
    const subject = `replica ${name}`;
    if (leaseSeconds < 0) {
      yield { id: `lease ${id}`, level: 'warning', subject, isName: true, text: 'does not renew its lease', href };
    } else if (generation.served - served > 1000) {
      const text = `is ${formatCount(generation.served - served)} generations behind`;
      yield { id: `behind ${id}`, level: 'warning', subject, isName: true, text, href };
    }
  }
}

function* ofRoutes(routes: readonly TrafficRoute[], now: number): Generator<Trouble> {
  const failing = routes.filter(
    ({ recentErrors, unreachableSince }) => recentErrors >= (unreachableSince === null ? ERRORS_THAT_MATTER : 1),
  );
  for (const { key, unreachableSince, recentErrors } of failing.slice(0, SHOWN)) {
    const subject = { id: `errors ${key}`, subject: key, isName: true, href: hashOfRoute(key) };
    if (unreachableSince !== null) {
      const since = `not reachable since ${formatMoment(unreachableSince, now)} (${formatSpan(now - unreachableSince)})`;
      yield { ...subject, level: 'error', text: `${plural(recentErrors, 'answer')} of 5xx in 5 min, backend ${since}` };
    } else {
      yield { ...subject, level: 'warning', text: `${plural(recentErrors, 'answer')} of 5xx in 5 min` };
    }
  }
  if (failing.length <= SHOWN) return;
  const href = hashOf('routes', { show: 'errors', sort: 'errors', desc: 'true' });
  yield { id: 'errors', level: 'warning', subject: 'more routes', text: 'answer with 5xx, too', href };
}

/** The state in one word. */
export interface State {
  readonly level: 'ok' | 'warning' | 'error';
  readonly word: string;
}

export function stateOf({ proxy, generation, pending, lastError }: StatusReport): State {
  if (!proxy.up) return { level: 'error', word: generation.served < 0 ? 'not serving yet' : 'proxy down' };
  if (pending > 0 && lastError) return { level: 'warning', word: 'changes not served' };
  return { level: 'ok', word: 'serving' };
}
