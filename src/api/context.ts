import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import type { Logger } from 'pino';
import type { RouteStats } from '../activity/stats.ts';
import type { Events } from '../observe/events.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Changes } from '../reconcile/change.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { History } from '../traffic/history.ts';
import type { Namespace } from './namespaces/create.ts';
import type { View } from './namespaces/view.ts';
import type { StatusReport } from './schemas.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its token lets it see and change; there once the token was looked at. */
    view: View;
  }
}

export interface ApiConfig {
  /** The token that changes and views need; none or an empty one: open to whoever reaches the API. */
  readonly token: string | undefined;
  /** A token that reads all and changes nothing. */
  readonly readToken?: string | undefined;
  readonly hostRouting: boolean;
}

/** Where /status and /readyz get what they show. */
export interface StatusSource {
  report(): StatusReport;
  generation(): StatusReport['generation'];
  /** Why the proxy can't be relied on to serve the table, undefined when it can. */
  notReady(): string | undefined;
  /** Do other replicas wait for this one? Undefined where there are none. */
  lease(): boolean | undefined;
}

export interface ApiOptions {
  /** For the OpenAPI document. */
  readonly version: string;
  readonly table: RoutingTable;
  /** Parts of the table with tokens of their own. */
  readonly namespaces: readonly Namespace[];
  readonly changes: Changes;
  /** See `Store.fresh`. */
  readonly fresh: (key?: string) => Promise<number>;
  readonly config: ApiConfig;
  readonly status: StatusSource;
  readonly metrics: Pick<Metrics, 'countChange' | 'render'>;
  /** How a route was used; undefined where that isn't found out. */
  readonly stats: (key: string) => RouteStats | undefined;
  readonly events: Pick<Events, 'add' | 'after' | 'since'>;
  /** See `Reconciler.verify`. */
  readonly verify: () => Promise<void>;
  /** How all was used lately. */
  readonly history: Pick<History, 'overview' | 'routes' | 'route' | 'people'>;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
}

/** What the files of the endpoints are given. */
export interface ApiContext extends ApiOptions {
  /** Lets only requests with a token pass. */
  readonly authorize: preHandlerHookHandler;
  /** Lets only requests with the token for the whole table pass. */
  readonly authorizeWhole: preHandlerHookHandler;
  /** The body as JSON first, then the token: CHP answers 400 before 403. */
  readonly parseAndAuthorize: preHandlerHookHandler;
  /** The same for a table; an object comes as a Map. */
  readonly parseTableAndAuthorize: preHandlerHookHandler;
  /** May the sender know what concerns the whole of Signalbox? For endpoints without a token. */
  readonly mayKnowAll: (request: FastifyRequest) => boolean;
}

/** A group of endpoints. */
export type Endpoint = (app: FastifyInstance, context: ApiContext) => void;

/** Sends text that is JSON already. A Buffer, for Fastify would look at a string again. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(json));
}

/** The URL as the client sent it; `request.url` is the endpoint's pattern (endpoints.ts). */
export function rawUrl(request: FastifyRequest): string {
  return request.originalUrl;
}
