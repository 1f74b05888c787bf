import type { FastifyInstance } from 'fastify';
import { SignalboxError } from '../errors.ts';
import { hubToken } from './actions.ts';
import type { Daemon } from './daemon.ts';
import type { Hub, UserRoute } from './hub/hub-api.ts';
import type { Login } from './login/login.ts';
import type { Me } from './page-api.ts';
import { resultOf } from './problem.ts';
import type { Rights } from './rights.ts';

export interface LookOptions {
  readonly daemon: Daemon;
  readonly login: Login;
  readonly hub: Hub | undefined;
  readonly rights: Rights;
  readonly prefix: string;
  readonly isOwnRoute: boolean;
  readonly version: string;
}

/** What of the daemon's API the page may see; the query is passed on. */
const OF_DAEMON = ['/status', '/traffic', '/traffic/routes', '/traffic/route', '/traffic/people', '/events'];

/** `GET api/…`: all that is shown. */
export function addLooks(api: FastifyInstance, options: LookOptions): void {
  const { daemon, login, hub, rights, prefix, isOwnRoute, version } = options;

  for (const path of OF_DAEMON) {
    api.get(path, async (request, reply) => {
      const [, query] = request.url.split('?', 2);
      const answer = await daemon.get(query === undefined ? path : `${path}?${query}`);
      if (answer.status !== 200) return resultOf(answer);
      return reply.type('application/json').send(Buffer.from(answer.text));
    });
  }

  api.get('/me', async ({ session: { viewer }, access }): Promise<Me> => {
    const viewOnly = rights.missing(viewer, access, 'operate') ?? null;
    const atHub = hub?.describe(viewer);
    const mayHub = rights.missing(viewer, access, 'hub') === undefined;
    return {
      name: viewer.name,
      login: login.kind,
      mayOperate: viewOnly === null,
      viewOnly,
      hub: atHub ? { ...atHub, maySync: atHub.maySync && mayHub, mayStop: atHub.mayStop && mayHub } : null,
      ownRoute: hub ? hub.place.ownRoute : isOwnRoute && prefix !== '/' ? prefix.slice(0, -1) : null,
      version,
    };
  });

  if (hub === undefined) return;

  api.get('/hub/user', async ({ session, query }) => {
    const { name } = query as { name?: unknown };
    if (typeof name !== 'string') throw new SignalboxError('BAD_JSON', 'the query must have a name');
    return hub.api.user(hubToken(session.viewer), name);
  });

  api.get('/hub/servers', async ({ session }) => {
    const token = hubToken(session.viewer);
    const table = resultOf<Record<string, Record<string, unknown>>>(await daemon.get('/api/routes'));
    return hub.api.activeServers(token, userRoutes(table));
  });
}

/** The routes that the Hub has set for users' servers. */
function userRoutes(table: Readonly<Record<string, Readonly<Record<string, unknown>>>>): UserRoute[] {
  return Object.entries(table).flatMap(([key, { user, server_name: server }]) => {
    return typeof user === 'string' ? [{ key, user, server: typeof server === 'string' ? server : '' }] : [];
  });
}
