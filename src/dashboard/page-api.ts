/*
 * What the page asks the dashboard's server, all under the prefix (`/services/signalbox/`). Types alone: the page is built
 * from them too. Every request has the header `Signalbox-Page` with the page's token; without a session they answer
 * 401, without the right 403, while the daemon is away 503 (code `API_UNREACHABLE`), while the Hub is, and must be asked, 503
 * (`HUB_UNREACHABLE`), each with a `Problem`. Not 502: of that Traefik makes the Hub's error page.
 *
 *     GET  api/me                                    Me
 *     GET  api/status                                StatusReport of the daemon (GET /status)
 *     GET  api/traffic?since=                        Traffic
 *     GET  api/traffic/routes?q&show&kind&sort&desc&limit&offset   TrafficRoutes
 *     GET  api/traffic/route?key=                    TrafficOfRoute
 *     GET  api/traffic/people?q&show&sort&desc&limit&offset        People
 *     GET  api/events?after=                         Events
 *     GET  api/hub/user?name=                        HubUser, with the viewer's own token
 *     GET  api/hub/servers                           HubServers: what the Hub says is active, to compare
 *     POST api/actions/verify        {}              Verified
 *     POST api/actions/check-target  {key}           TargetChecked
 *     POST api/actions/remove-route  {key}           Removed
 *     POST api/actions/restore-route {undo}          {}
 *     POST api/actions/sync          {}              {}
 *     POST api/actions/stop-server   {user, server}  ServerStopped
 *     POST api/log-out               {}              LoggedOut
 */

/** Who looks, and what they may do. */
export interface Me {
  readonly name: string;
  /** How they signed in. */
  readonly login: 'hub' | 'token' | 'password' | 'header' | 'none';
  /** Verify, check a backend, remove a route. */
  readonly mayOperate: boolean;
  /** Why not, a sentence: a banner says it. Null where they may. */
  readonly viewOnly: string | null;
  /** Null without a Hub. */
  readonly hub: {
    /** Where the Hub's pages begin: `/hub/`, `https://hub.example/hub/`. */
    readonly url: string;
    readonly maySync: boolean;
    /** May they stop servers at all? The Hub itself judges each one. */
    readonly mayStop: boolean;
    readonly mayListUsers: boolean;
  } | null;
  /** The route of this dashboard itself, `/services/signalbox`; null where it is not behind the proxy. */
  readonly ownRoute: string | null;
  readonly version: string;
}

/** What is wrong, for people; `code` for programs. */
export interface Problem {
  readonly message: string;
  readonly code: string;
  readonly hint?: string | undefined;
}

/** What the Hub says of a user. Times in ISO 8601, null where the viewer may not see them. */
export interface HubUser {
  readonly name: string;
  readonly admin: boolean;
  readonly lastActivity: string | null;
  readonly servers: readonly HubServer[];
}

export interface HubServer {
  /** Empty for the default server. */
  readonly name: string;
  readonly ready: boolean;
  /** `spawn`, `stop` or null. */
  readonly pending: string | null;
  readonly started: string | null;
  readonly lastActivity: string | null;
  /** Its page on the Hub. */
  readonly url: string;
}

/** The routes and the servers that only one side knows. */
export interface HubServers {
  /** Routes of users whose server the Hub does not have running. */
  readonly stale: readonly { readonly key: string; readonly user: string; readonly server: string }[];
  /** Servers that the Hub has running, and that have no route. */
  readonly missing: readonly { readonly user: string; readonly server: string; readonly url: string }[];
  /** Compared of each side. */
  readonly compared: { readonly routes: number; readonly servers: number };
}

export interface Removed {
  /** Shown to `restore-route` within 60 s. */
  readonly undo: string;
  readonly key: string;
}

export interface ServerStopped {
  /** It is being stopped, and has not ended yet. */
  readonly pending: boolean;
}

export interface LoggedOut {
  /** Where to go now. */
  readonly next: string;
}

/** Header with the page's token. */
export const PAGE_HEADER = 'signalbox-page';
