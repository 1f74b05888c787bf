/** One entry of the table. Immutable: a second POST of the same key makes a new Route. */
export interface Route {
  /** The routespec decoded: a leading slash, no trailing one, `/` for the root; with host routing `/host/path`. */
  readonly key: string;
  /** The backend's URL, exactly as it was given: the Hub compares it as text. */
  readonly target: string;
  /** JSON text of the object that was given, `target` included, `last_activity` not. */
  readonly data: string;
}

/**
 * What moved a last activity: an answer to a request, data of its client, that the route was given to us, that the store had it so, that
 * another replica saw the route in use.
 */
export type Cause = 'request' | 'data' | 'added' | 'restored' | 'replica';

/** A route and when it was last used: what the table holds. The store keeps the first two. */
export interface Entry {
  readonly route: Route;
  /** Milliseconds since 1970, UTC. Only grows, unless the clock was ahead: see capTimes. */
  lastActivity: number;
  /** What moved that time last; undefined is `restored`. */
  cause?: Cause | undefined;
  /** Set when it is used. */
  seen?: Seen | undefined;
}

/** When a route was seen in use since the daemon started, ms since 1970. */
export interface Seen {
  /** When the last request ended that counts. */
  lastRequest: number | null;
  /** When data of a client counted last that came over a websocket, or as a body for which there was no good answer (yet). */
  lastData: number | null;
}

/** Moves the time of an entry forward. */
export function moveForward(entry: Entry, time: number, cause: Cause | undefined): boolean {
  if (time <= entry.lastActivity) return false;
  entry.lastActivity = time;
  entry.cause = cause;
  return true;
}

/** An entry in the place of one that was in use, maybe while the change was stored: what is known of its use stays. */
export function takeOver(entry: Entry, before: Entry): void {
  entry.seen = before.seen;
  if (entry.lastActivity > before.lastActivity) return;
  entry.lastActivity = before.lastActivity;
  entry.cause = before.cause;
}

/** Makes a Route of the decoded JSON object of a request; `last_activity` in it is not the client's to say. */
export function makeRoute(key: string, data: Record<string, unknown> & { target: string }): Route {
  const { last_activity: _, ...kept } = data;
  return { key, target: data.target, data: JSON.stringify(kept) };
}

/**
 * Times in the future come from a clock that was ahead, and would make a route look used until then: they become now. Returns the
 * entries that changed.
 */
export function capTimes(entries: Iterable<Entry>, now: number): Entry[] {
  const changed: Entry[] = [];
  for (const entry of entries) {
    if (entry.lastActivity <= now) continue;
    entry.lastActivity = now;
    changed.push(entry);
  }
  return changed;
}

/**
 * The entry as the API shows it: the data as given, then `last_activity` in ISO 8601, UTC, with milliseconds. A time that
 * lies in the future, because the clock was set back, is shown as now. `stats` comes last where it is asked for.
 */
export function entryJson(entry: Entry, now: number, stats?: object): string {
  const open = entry.route.data.slice(0, -1);
  const comma = open === '{' ? '' : ',';
  const time = new Date(Math.min(entry.lastActivity, now)).toISOString();
  return `${open}${comma}"last_activity":"${time}"${stats ? `,"stats":${JSON.stringify(stats)}` : ''}}`;
}
