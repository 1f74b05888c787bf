import type { Hit } from '../activity/hit.ts';
import type { StatusCounts } from '../activity/stats.ts';
import type { Tracker } from '../activity/tracker.ts';
import type { Driver } from '../proxies/driver.ts';
import type { Cause, Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { ByRoute } from './by-route.ts';
import type { Page } from './choices.ts';
import { factsOf, type RouteFacts } from './kind-of.ts';
import { maskData } from './mask.ts';
import { type PeopleChoice, type PersonUse, rankPeople } from './people.ts';
import { type RouteChoice, rankRoutes } from './ranking.ts';
import { type Samples, Series } from './series.ts';
import { type Survey, Surveyor, UNKNOWN } from './survey.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** One sample a second for 5 minutes, and one in 10 seconds for an hour. */
const FINE = { step: SECOND_MS, size: 300 };
const COARSE = { step: 10 * SECOND_MS, size: 360 };
/** Requests a second are those of so many seconds, requests a minute those of so many minutes. */
const SECONDS = 10;
const RECENT_MINUTES = 5;
/** Finding out how often the proxy was reloaded takes a look at its processes: at most so often, ms. */
const RELOADS_MS = 1_000;
/** So many of a person's routes are named. */
const MOST_SERVERS = 20;
/** A page that polls now and then misses a minute. */
const POLLED_MINUTES = 55;

/** What it needs of the tracker. */
export type Watched = Pick<Tracker, 'open' | 'openRoutes' | 'openTotal' | 'causes' | 'stats' | 'status'>;

export interface HistoryOptions {
  readonly table: RoutingTable;
  /** Undefined with --no-activity. */
  readonly tracker: () => Watched | undefined;
  readonly driver: Pick<Driver, 'status' | 'mixesConnections' | 'accessLog'>;
  /** See `Store.fresh`. */
  readonly fresh: () => Promise<number>;
  readonly now?: () => number;
}

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

/** A part of a list, and how old the table is that it was made of (see `Store.fresh`). */
export interface Listed<Row> extends Page<Row> {
  readonly time: number;
  readonly staleMs: number;
}

/** The last hour of this daemon and its proxy, in memory alone. */
export class History {
  readonly #options: HistoryOptions;
  readonly #now: () => number;
  readonly #byRoute = new ByRoute();
  readonly #fine: Series;
  readonly #coarse: Series;
  readonly #surveyor: Surveyor;
  #since: number;
  #reloads = 0;
  #reloadsAt = Number.NEGATIVE_INFINITY;
  /** With a websocket or an upload open at the last look. */
  #people: number | null = null;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#since = this.#now();
    this.#fine = new Series(FINE.step, FINE.size, this.#since);
    this.#coarse = new Series(COARSE.step, COARSE.size, this.#since);
    this.#surveyor = new Surveyor({
      table: options.table,
      byRoute: this.#byRoute,
      sight: { open: (key) => this.#openOf(key), cause: (key) => this.#causeOf(key) },
      fresh: options.fresh,
      now: this.#now,
    });
  }

  /** People with a websocket or an upload open at the last look; null where that can't be seen. */
  get connected(): number | null {
    return this.#people;
  }

  /** A request has ended. Those that ended before the daemon started aren't counted. */
  hit(hit: Hit): void {
    const now = this.#now();
    if (now < this.#since) this.#since = now;
    if (hit.time < this.#since) return;
    this.#fine.hit(hit, now);
    this.#coarse.hit(hit, now);
    const entry = this.#options.table.get(hit.key);
    if (entry) this.#byRoute.hit(hit, entry.route.target, now);
  }

  /** A change of routes was accepted. */
  changed(): void {
    this.#count('changes', 1);
  }

  /** A pass of the reconciler is over; fits its `onPass`. */
  passed(seconds: number, error: unknown): void {
    this.#countReloads();
    if (error !== undefined) return;
    for (const series of [this.#fine, this.#coarse]) series.pass(seconds * 1_000, this.#now());
  }

  /** The tracker has looked at open connections. */
  looked(): void {
    const { table } = this.#options;
    this.#countReloads();
    this.#byRoute.retain((key) => table.get(key) !== undefined);
    const tracker = this.#options.tracker();
    const open = tracker?.openRoutes() ?? null;
    const websockets = tracker?.openTotal() ?? null;
    this.#people = open && this.#peopleOf(open.keys());
    if (websockets === null || this.#people === null) return;
    for (const series of [this.#fine, this.#coarse]) series.looked({ websockets, people: this.#people }, this.#now());
  }

  /** All together; of the samples only those from the one in which `since` lies. */
  overview(since: number | undefined) {
    this.#countReloads();
    const { driver, table } = this.#options;
    const time = this.#now();
    const tracker = this.#options.tracker();
    const shown = (series: Series): Samples => series.shown(time, since);
    return {
      ...{ time, since: Math.min(this.#since, time) },
      ...{ fine: shown(this.#fine), coarse: shown(this.#coarse) },
      now: {
        routes: table.size,
        people: this.#people,
        websockets: tracker?.openTotal() ?? null,
        requestsPerSecond: this.#fine.perSecond(SECONDS, time),
        ...this.#fine.sum(time),
      },
      // Only Traefik's own log, which names routers, has no more.
      firstByte: driver.accessLog?.keyOf ? ('whole answer' as const) : ('first byte' as const),
      open: driver.mixesConnections ? ('connections' as const) : ('websockets' as const),
      blind: tracker ? tracker.status().blind : 'it is turned off (--no-activity)',
    };
  }

  async routes(choice: RouteChoice, part: { offset: number; limit: number }): Promise<Listed<RouteRow>> {
    const survey = await this.#surveyor.latest();
    const { total, matching, rows } = await rankRoutes(survey, choice, part);
    const { staleMs } = survey;
    return { time: this.#now(), staleMs, total, matching, rows: rows.map((index) => this.#ranked(survey, index)) };
  }

  async people(choice: PeopleChoice, part: { offset: number; limit: number }): Promise<Listed<PersonRow>> {
    const survey = await this.#surveyor.latest();
    const { total, matching, rows } = await rankPeople(survey, choice, part);
    const { staleMs } = survey;
    return { time: this.#now(), staleMs, total, matching, rows: rows.map((person) => this.#person(survey, person)) };
  }

  /** Undefined for one that is not in the table. */
  route(key: string) {
    const { table } = this.#options;
    const entry = table.get(key);
    if (!entry) return undefined;
    const time = this.#now();
    const tracker = this.#options.tracker();
    const route = this.#row(entry, time);
    const { first, requests, serverErrors, counting, ...firstByte } = this.#byRoute.detail(key, time) ?? NO_DETAIL;
    const counted = tracker?.stats.of(key);
    const seen = tracker?.causes.of(key);
    const sum = counting.reduce((total, count) => total + count, 0);
    return {
      ...{ time, since: Math.min(this.#since, time), route, ...maskData(entry.route), ...firstByte },
      sharedWith: this.#sharing(entry),
      requests: counted?.requests ?? 0,
      bytes: counted?.bytes ?? 0,
      statuses: tracker?.stats.statuses(key) ?? NO_STATUSES,
      minutes: first === undefined ? null : { first, requests, serverErrors },
      why: {
        ...{ lastActivity: route.lastActivity, cause: route.cause, open: route.open },
        lastRequest: seen?.lastRequest ?? null,
        lastData: seen?.lastData ?? null,
        requestsPerMinute: this.#perMinute(sum, counting.length, time),
        isPolling: counting.filter((count) => count > 0).length >= POLLED_MINUTES,
      },
    };
  }

  #count(what: 'changes' | 'reloads', by: number): void {
    for (const series of [this.#fine, this.#coarse]) series.count(what, by, this.#now());
  }

  #countReloads(): void {
    if (performance.now() - this.#reloadsAt < RELOADS_MS) return;
    this.#reloadsAt = performance.now();
    const { reloads } = this.#options.driver.status();
    if (reloads > this.#reloads) this.#count('reloads', reloads - this.#reloads);
    this.#reloads = reloads;
  }

  #peopleOf(keys: Iterable<string>): number {
    const people = new Set<string>();
    for (const key of keys) {
      const entry = this.#options.table.get(key);
      const user = entry && factsOf(entry.route).user;
      if (user) people.add(user);
    }
    return people.size;
  }

  #openOf(key: string): number | null {
    return this.#options.tracker()?.open(key) ?? null;
  }

  #causeOf(key: string): Cause | null {
    return this.#options.tracker()?.causes.of(key)?.cause ?? null;
  }

  /** As it was ranked: what the rows are sorted by shows it. */
  #ranked(survey: Survey, index: number): RouteRow {
    const known = (column: Float64Array) => (column[index] === UNKNOWN ? null : (column[index] as number));
    return {
      ...this.#row(survey.ordered.entries[index] as Entry, this.#now()),
      open: known(survey.open),
      requestsPerMinute: this.#perMinute(survey.recentRequests[index] as number, RECENT_MINUTES, survey.time),
      serverErrors: survey.serverErrors[index] as number,
      firstByteP95: known(survey.p95),
      lastActivity: survey.lastActivity[index] as number,
    };
  }

  #person({ ordered, time }: Survey, { indexes, open, recentRequests, ...person }: PersonUse): PersonRow {
    const servers = indexes.slice(0, MOST_SERVERS).map((index) => ({
      key: (ordered.entries[index] as Entry).route.key,
      server: ordered.facts[index]?.server ?? '',
    }));
    return {
      ...person,
      servers,
      serverCount: indexes.length,
      open: open === UNKNOWN ? null : open,
      requestsPerMinute: this.#perMinute(recentRequests, RECENT_MINUTES, time),
    };
  }

  #row({ route, lastActivity }: Entry, now: number): RouteRow {
    const { key } = route;
    const { shown, ...facts } = factsOf(route);
    const { recentRequests, ...use } = this.#byRoute.of(key, route.target, now) ?? UNUSED;
    return {
      ...{ key, target: shown, ...facts, ...use },
      open: this.#openOf(key),
      requestsPerMinute: this.#perMinute(recentRequests, RECENT_MINUTES, now),
      lastStatus: this.#options.tracker()?.stats.of(key).lastStatus ?? null,
      lastActivity: Math.min(lastActivity, now),
      cause: this.#causeOf(key),
      minutes: this.#byRoute.minutes(key, now) ?? null,
    };
  }

  /** Other routes with the same target. */
  #sharing({ route }: Entry): number {
    let routes = -1;
    for (const other of this.#options.table.entries()) if (other.route.target === route.target) routes++;
    return routes;
  }

  /** Average of the last minutes, the one that is not over included, or since the start; of a minute at least. */
  #perMinute(requests: number, minutes: number, now: number): number {
    const whole = minutes - 1 + (now % MINUTE_MS) / MINUTE_MS;
    const average = requests / Math.max(1, Math.min(whole, (now - this.#since) / MINUTE_MS));
    return Math.round(average * 10) / 10;
  }
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

const NO_DETAIL = {
  first: undefined,
  requests: [],
  serverErrors: [],
  counting: [],
  firstByteP50: null,
  firstByteP95: null,
  firstByteP99: null,
};

const NO_STATUSES: StatusCounts = {
  informational: 0,
  success: 0,
  redirect: 0,
  clientError: 0,
  serverError: 0,
  unreachable: 0,
};
