import type { SecureContextOptions } from 'node:tls';
import type { Login } from '../login/login.ts';
import type { HubServers, HubUser, Me, ServerStopped } from '../page-api.ts';
import type { Viewer } from '../viewer.ts';

/**
 * What the dashboard asks the Hub, always with the viewer's own token: the Hub judges. Throws a SignalboxError where it
 * refuses, or does not answer.
 */
export interface HubApi {
  /** Has the Hub compare its servers with the routes of the proxy, and put right what differs. */
  sync(token: string): Promise<void>;
  /** `server` is empty for the default one. */
  stopServer(token: string, user: string, server: string): Promise<ServerStopped>;
  user(token: string, name: string): Promise<HubUser>;
  /** Compares what the Hub has running with the users' routes. */
  activeServers(token: string, routes: readonly UserRoute[]): Promise<HubServers>;
}

/** A route whose data names a user; `server` is empty for the default one. */
export interface UserRoute {
  readonly key: string;
  readonly user: string;
  readonly server: string;
}

/** What being a service of a Hub means for the dashboard; made by `createHub(env, …)` of hub/create.ts. */
export interface Hub {
  readonly login: Login;
  readonly api: HubApi;
  /** What the page is told of it, for one who looks. */
  describe(viewer: Viewer): NonNullable<Me['hub']>;
  readonly place: HubPlace;
}

/** Where the Hub has the dashboard stand. */
export interface HubPlace {
  /** Of JUPYTERHUB_SERVICE_URL; undefined where nothing says it. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** JUPYTERHUB_SERVICE_PREFIX; undefined for a service on an origin of its own without one. */
  readonly prefix: string | undefined;
  /** The route that the Hub has its proxy keep for it; null for a service on an origin of its own. */
  readonly ownRoute: string | null;
  /** With internal_ssl: its own certificate, and whose clients it takes. */
  readonly tls: (SecureContextOptions & { readonly requestCert: true; readonly rejectUnauthorized: true }) | undefined;
  /** Where browsers find it, as far as the Hub says so; else what the proxy says of each request counts. */
  readonly publicUrl: URL | undefined;
  /** May its cookies be `__Host-` ones? Only on a host name of its own. */
  readonly hostCookies: boolean;
}
