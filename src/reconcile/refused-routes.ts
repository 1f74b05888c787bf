import { describeError, SignalboxError } from '../errors.ts';
import type { Batch, Plan } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import type { Log } from '../system/log.ts';

/** A route that the proxy does not take. */
export interface RefusedRoute {
  readonly key: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

interface Entry extends RefusedRoute {
  readonly route: Route;
  readonly tries: number;
  /** When it is tried again. */
  readonly due: number;
}

const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 300_000;
/** The most keys in the text of an error. */
const MOST_NAMED = 20;
/** The most routes that the log names after one pass. */
const MOST_LINES = 100;

/**
 * Routes of the table that the proxy refuses, so that it serves the table without them. They are tried again when they change,
 * when something else does (templates, SIGHUP), and now and then, as the cause may have been removed without our notice.
 */
export class RefusedRoutes {
  readonly #entries = new Map<string, Entry>();
  readonly #log: Pick<Log, 'error'>;

  constructor(log: Pick<Log, 'error'>) {
    this.#log = log;
  }

  get list(): readonly RefusedRoute[] {
    return Array.from(this.#entries.values(), ({ key, reason, since }) => ({ key, reason, since }));
  }

  /** A newer change is tried by itself. */
  record({ whole, added, changed, removed }: Batch): void {
    if (this.#entries.size === 0) return;
    if (whole) this.#entries.clear();
    for (const key of removed) this.#entries.delete(key);
    for (const { route } of [...added, ...changed]) this.#entries.delete(route.key);
  }

  /** Takes note of what a pass has found. */
  update(plan: Plan, refused: ReadonlyMap<Route, unknown>, now: number): void {
    const before = new Map(this.#entries);
    if (plan.full) this.#entries.clear();
    if (this.#entries.size > 0) for (const { key } of plan.set) this.#entries.delete(key);
    const news: RefusedRoute[] = [];
    for (const [route, error] of refused) {
      const reason = describeError(error);
      const { since = now, tries = 0, reason: known } = before.get(route.key) ?? {};
      const due = now + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10));
      const entry = { key: route.key, reason, since, route, tries: tries + 1, due };
      this.#entries.set(route.key, entry);
      if (known !== reason) news.push(entry);
    }
    this.#tell(news);
  }

  /** Forgets those that are no longer in the table, or have changed. */
  retain(isCurrent: (route: Route) => boolean): void {
    for (const { key, route } of this.#entries.values()) if (!isCurrent(route)) this.#entries.delete(key);
  }

  /** Something has changed that may have been the reason. */
  retryAll(): void {
    for (const entry of this.#entries.values()) this.#entries.set(entry.key, { ...entry, due: 0 });
  }

  due(now: number): Route[] {
    return [...this.#entries.values()].filter(({ due }) => due <= now).map(({ route }) => route);
  }

  /** Milliseconds until the first is due; undefined without any. */
  untilDue(now: number): number | undefined {
    if (this.#entries.size === 0) return undefined;
    const first = [...this.#entries.values()].reduce(
      (least, { due }) => Math.min(least, due),
      Number.POSITIVE_INFINITY,
    );
    return Math.max(0, first - now);
  }

  /** The error for who has set these routes; undefined when none is refused, or a newer change has replaced them. */
  errorFor(routes: readonly Route[]): SignalboxError | undefined {
    if (this.#entries.size === 0) return undefined;
    const refused = routes.flatMap(({ key, target, data }) => {
      const entry = this.#entries.get(key);
      return entry?.route.target === target && entry.route.data === data ? [entry] : [];
    });
    if (refused.length === 0) return undefined;
    const named = refused.slice(0, MOST_NAMED).map(({ key, reason }) => `${JSON.stringify(key)}: ${reason}`);
    if (refused.length > named.length) named.push(`and ${refused.length - named.length} more`);
    return new SignalboxError('NOT_SERVED', `stored, but the proxy refuses ${named.join('; ')}`, {
      hint: 'Other routes are served. It is tried again when it or a template changes, and now and then; GET /status shows how it stands.',
    });
  }

  #tell(news: readonly RefusedRoute[]): void {
    for (const { key, reason } of news.slice(0, MOST_LINES)) {
      this.#log.error(
        { event: 'refused', key },
        `the proxy refuses the route ${key}, and serves the others: ${reason}`,
      );
    }
    if (news.length > MOST_LINES)
      this.#log.error({ event: 'refused' }, `and it refuses ${news.length - MOST_LINES} more`);
  }
}
