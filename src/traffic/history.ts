import type { Hit } from '../activity/hit.ts';
import type { StatusCounts } from '../activity/stats.ts';
import type { Driver } from '../proxies/driver.ts';
import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import { ByRoute } from './by-route.ts';
import type { Page } from './choices.ts';
import { factsOf } from './kind-of.ts';
import { maskData } from './mask.ts';
import { type PeopleChoice, rankPeople } from './people.ts';
import { type RouteChoice, rankRoutes } from './ranking.ts';
import { type PersonRow, type RouteRow, Rows, type Watched } from './rows.ts';
import { type Samples, Series } from './series.ts';
import { Surveyor } from './survey.ts';

const SECOND_MS = 1_000;
/** One sample a second for 5 minutes, and one in 10 seconds for an hour. */
const FINE = { step: SECOND_MS, size: 300 };
const COARSE = { step: 10 * SECOND_MS, size: 360 };
/** Requests a second are those of so many seconds. */
const SECONDS = 10;
/** Finding out how often the proxy was reloaded takes a look at its processes: at most so often, ms. */
const RELOADS_MS = 1_000;
/** A page that polls now and then misses a minute. */
const POLLED_MINUTES = 55;

export interface HistoryOptions {
  readonly table: RoutingTable;
  /** Undefined with --no-activity. */
  readonly tracker: () => Watched | undefined;
  readonly driver: Pick<Driver, 'status' | 'mixesConnections' | 'accessLog'>;
  /** See `Store.fresh`. */
  readonly fresh: () => Promise<number>;
  readonly now?: () => number;
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
  readonly #rows: Rows;
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
    const { tracker } = options;
    this.#rows = new Rows({ byRoute: this.#byRoute, tracker, since: () => this.#since });
    this.#surveyor = new Surveyor({
      table: options.table,
      byRoute: this.#byRoute,
      sight: this.#rows,
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
    const time = this.#now();
    return { time, staleMs, total, matching, rows: rows.map((index) => this.#rows.ranked(survey, index, time)) };
  }

  async people(choice: PeopleChoice, part: { offset: number; limit: number }): Promise<Listed<PersonRow>> {
    const survey = await this.#surveyor.latest();
    const { total, matching, rows } = await rankPeople(survey, choice, part);
    const { staleMs } = survey;
    const time = this.#now();
    return { time, staleMs, total, matching, rows: rows.map((person) => this.#rows.person(survey, person)) };
  }

  /** Undefined for one that is not in the table. */
  route(key: string) {
    const { table } = this.#options;
    const entry = table.get(key);
    if (!entry) return undefined;
    const time = this.#now();
    const tracker = this.#options.tracker();
    const route = this.#rows.route(entry, time);
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
        requestsPerMinute: this.#rows.perMinute(sum, counting.length, time),
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

  /** Other routes with the same target. */
  #sharing({ route }: Entry): number {
    let routes = -1;
    for (const other of this.#options.table.entries()) if (other.route.target === route.target) routes++;
    return routes;
  }
}

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
