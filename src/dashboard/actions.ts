import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { SignalboxError } from '../errors.ts';
import { checkKey } from '../routes/key.ts';
import { maskTarget } from '../routes/mask.ts';
import { actorOf, audited } from './audit.ts';
import type { Daemon } from './daemon.ts';
import type { HubApi } from './hub/hub-api.ts';
import type { Removed, ServerStopped } from './page-api.ts';
import { resultOf } from './problem.ts';
import type { Right } from './rights.ts';
import type { Session } from './sessions.ts';
import type { Viewer } from './viewer.ts';

export interface ActionOptions {
  readonly daemon: Daemon;
  readonly hub: HubApi | undefined;
  /** The path of this dashboard without the last slash. */
  readonly ownRoute: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** The rights of who sent it, as they are now. Throws where these are too few. */
  readonly viewerWith: (request: FastifyRequest, right: Right) => Promise<Viewer>;
  readonly now: () => number;
}

/** How long a removal can be taken back, ms. */
export const UNDO_MS = 60_000;
const MOST_UNDOS = 1_000;

interface Undo {
  readonly key: string;
  /** The route as JSON text, as the daemon gave it. */
  readonly route: string;
  readonly session: Session;
  readonly until: number;
}

/** `POST api/actions/…`: all that a person can have done. */
export function addActions(app: FastifyInstance, options: ActionOptions): void {
  const { daemon, hub, log, viewerWith, now } = options;
  const undos = new Map<string, Undo>();

  app.post('/verify', async (request) => {
    const viewer = await viewerWith(request, 'operate');
    const deed = () => ({ action: 'verify', viewer });
    return audited(log, deed, async () => resultOf(await daemon.send('POST', '/verify', actorOf(viewer))));
  });

  app.post('/check-target', async (request) => {
    const viewer = await viewerWith(request, 'operate');
    const key = checkKey(textOf(request, 'key'));
    const body = JSON.stringify({ key });
    const deed = () => ({ action: 'check-target', viewer, about: { key } });
    return audited(log, deed, async () => resultOf(await daemon.send('POST', '/check-target', actorOf(viewer), body)));
  });

  app.post('/remove-route', async (request): Promise<Removed> => {
    const viewer = await viewerWith(request, 'operate');
    const key = checkKey(textOf(request, 'key'));
    refuseOwn(key, request, options.ownRoute);
    let before: string | undefined;
    const deed = () => ({ action: 'remove-route', viewer, about: { key }, ...(before !== undefined && { before }) });
    return audited(log, deed, async () => {
      const actor = actorOf(viewer);
      const found = await daemon.send('GET', routePath(key), actor);
      before = maskTarget(resultOf<{ target: string }>(found).target);
      resultOf(await daemon.send('PATCH', '/api/routes', actor, JSON.stringify({ [key]: null })));
      const undo = randomBytes(16).toString('base64url');
      undos.set(undo, { key, route: found.text, session: request.session, until: now() + UNDO_MS });
      forgetOld();
      return { undo, key };
    });
  });

  app.post('/restore-route', async (request) => {
    const viewer = await viewerWith(request, 'operate');
    const undo = textOf(request, 'undo');
    forgetOld();
    const removed = undos.get(undo);
    if (removed === undefined || removed.session !== request.session) {
      throw new SignalboxError('NOT_FOUND', 'The removal can no longer be undone', {
        hint: 'A route of a running server comes back by itself when the Hub looks next.',
      });
    }
    const { key, route } = removed;
    const deed = () => ({ action: 'restore-route', viewer, about: { key } });
    return audited(log, deed, async () => {
      const found = await daemon.send('GET', routePath(key), actorOf(viewer));
      // What somebody has put there meanwhile is newer.
      if (found.status === 200) throw new SignalboxError('FORBIDDEN', 'There is a route again, which is left as it is');
      // The text as it was: numbers of any size, any order of names.
      resultOf(await daemon.send('PATCH', '/api/routes', actorOf(viewer), `{${JSON.stringify(key)}:${route}}`));
      undos.delete(undo);
      return {};
    });
  });

  if (hub === undefined) return;

  app.post('/sync', async (request) => {
    const viewer = await viewerWith(request, 'hub');
    return audited(
      log,
      () => ({ action: 'sync', viewer }),
      async () => {
        await hub.sync(hubToken(viewer));
        return {};
      },
    );
  });

  app.post('/stop-server', async (request): Promise<ServerStopped> => {
    const viewer = await viewerWith(request, 'hub');
    const [user, server] = [textOf(request, 'user'), textOf(request, 'server')];
    const deed = () => ({ action: 'stop-server', viewer, about: { user, server } });
    return audited(log, deed, () => hub.stopServer(hubToken(viewer), user, server));
  });

  function forgetOld(): void {
    for (const [undo, { until }] of undos) if (until < now() || undos.size > MOST_UNDOS) undos.delete(undo);
  }
}

/** The Hub is asked with the token of the person, who may do no more here than there. */
export function hubToken({ hub }: Viewer): string {
  if (hub === undefined) throw new SignalboxError('FORBIDDEN', 'There is no Hub that you have signed in at');
  return hub.token;
}

/** Without the first nobody reaches anything, without the second nobody could take it back here. */
function refuseOwn(key: string, { headers }: FastifyRequest, ownRoute: string): void {
  // With host routing a key begins with the host.
  const host = URL.parse(`http://${headers.host}`)?.hostname;
  const isOwn = key === ownRoute || key === `/${host}${ownRoute}`;
  if (key !== '/' && !isOwn) return;
  const what = key === '/' ? 'The root route leads to the Hub' : 'This is the route of this dashboard';
  throw new SignalboxError('FORBIDDEN', `${what}: it can't be removed here`, {
    hint: `signalbox routes rm ${key} does that.`,
  });
}

function routePath(key: string): string {
  return `/api/routes${key.split('/').map(encodeURIComponent).join('/')}`;
}

function textOf({ body }: FastifyRequest, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value === 'string') return value;
  throw new SignalboxError('BAD_JSON', `the body must have "${name}", a text`);
}
