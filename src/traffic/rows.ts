import type { Tracker } from '../activity/tracker.ts';
import type { Cause, Entry } from '../routes/route.ts';
import type { ByRoute } from './by-route.ts';
import { factsOf, type RouteFacts } from './kind-of.ts';
import type { PersonUse } from './people.ts';
import { type Sight, type Survey, UNKNOWN } from './survey.ts';

/** So many of a person's routes are named. */
const MOST_SERVERS = 20;
const MINUTE_MS = 60_000;
/** Requests a minute are those of so many minutes. */
const RECENT_MINUTES = 5;

/** What it needs of the tracker. */
export type Watched = Pick<Tracker, 'open' | 'openRoutes' | 'openTotal' | 'causes' | 'stats' | 'status'>;

/** A route and how it is used. */
export interface RouteRow extends Pick<RouteFacts, 'kind' | 'user' | 'server' | 'service'> {
  readonly key: string;
  readonly target: string;
  readonly open: number | null;
  readonly requestsPerMinute: number;
  readonly requests: number;
  readonly serverErrors: number;
  readonly unreachable: number;
  readonly recentErrors: number;
  readonly unreachableSince: number | null;
  readonly lastStatus: number | null;
  readonly firstByteP95: number | null;
  readonly lastActivity: number;
  readonly cause: Cause | null;
  readonly minutes: number[] | null;
}

/** Someone with servers, and how these are used. */
export interface PersonRow {
  readonly user: string;
  readonly servers: { readonly key: string; readonly server: string }[];
  readonly serverCount: number;
  readonly open: number | null;
  readonly requestsPerMinute: number;
  readonly serverErrors: number;
  readonly lastActivity: number;
}

interface RowsOptions {
  readonly byRoute: ByRoute;
  readonly tracker: () => Watched | undefined;
  /** When counting began. */
  readonly since: () => number;
}

/** Makes the rows of lists out of all that is known of a route. */
export class Rows implements Sight {
  readonly #options: RowsOptions;

  constructor(options: RowsOptions) {
    this.#options = options;
  }

  openOf(key: string): number | null {
    return this.#options.tracker()?.open(key) ?? null;
  }

  causeOf({ cause = 'restored' }: Entry): Cause | null {
    return this.#options.tracker() ? cause : null;
  }

  /** As it was ranked: what the rows are sorted by shows it. */
  ranked(survey: Survey, index: number, now: number): RouteRow {
    const known = (column: Float64Array) => (column[index] === UNKNOWN ? null : (column[index] as number));
    return {
      ...this.route(survey.ordered.entries[index] as Entry, now),
      open: known(survey.open),
      requestsPerMinute: this.perMinute(survey.recentRequests[index] as number, RECENT_MINUTES, survey.time),
      serverErrors: survey.serverErrors[index] as number,
      firstByteP95: known(survey.p95),
      lastActivity: survey.lastActivity[index] as number,
    };
  }

  person({ ordered, time }: Survey, { indexes, open, recentRequests, ...person }: PersonUse): PersonRow {
    const servers = indexes.slice(0, MOST_SERVERS).map((index) => ({
      key: (ordered.entries[index] as Entry).route.key,
      server: ordered.facts[index]?.server ?? '',
    }));
    return {
      ...person,
      servers,
      serverCount: indexes.length,
      open: open === UNKNOWN ? null : open,
      requestsPerMinute: this.perMinute(recentRequests, RECENT_MINUTES, time),
    };
  }

  route(entry: Entry, now: number): RouteRow {
    const { byRoute } = this.#options;
    const { route, lastActivity } = entry;
    const { key } = route;
    const { shown, ...facts } = factsOf(route);
    const { recentRequests, ...use } = byRoute.of(key, route.target, now) ?? UNUSED;
    const minutes = byRoute.minutes(key, now);
    return {
      ...{ key, target: shown, ...facts, ...use },
      open: this.openOf(key),
      requestsPerMinute: this.perMinute(recentRequests, RECENT_MINUTES, now),
      lastStatus: this.#options.tracker()?.stats.of(key).lastStatus ?? null,
      lastActivity: Math.min(lastActivity, now),
      cause: this.causeOf(entry),
      minutes: minutes ? sinceFirst(minutes) : null,
    };
  }

  /** Average of the last minutes, the one that is not over included, or since the start; of a minute at least. */
  perMinute(requests: number, minutes: number, now: number): number {
    const whole = minutes - 1 + (now % MINUTE_MS) / MINUTE_MS;
    const average = requests / Math.max(1, Math.min(whole, (now - this.#options.since()) / MINUTE_MS));
    return Math.round(average * 10) / 10;
  }
}

/** Without the minutes before the first request: of most routes that is most of the hour, and of a row. */
function sinceFirst(minutes: readonly number[]): number[] {
  const first = minutes.findIndex((requests) => requests > 0);
  return first < 0 ? [] : minutes.slice(first);
}

const UNUSED = {
  requests: 0,
  serverErrors: 0,
  unreachable: 0,
  recentRequests: 0,
  recentErrors: 0,
  unreachableSince: null,
  firstByteP95: null,
};
