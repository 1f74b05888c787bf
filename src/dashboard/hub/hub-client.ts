import { SignalboxError } from '../../errors.ts';
import type { HubServers, HubUser, ServerStopped } from '../page-api.ts';
import type { HubApi, UserRoute } from './hub-api.ts';
import { showsServers, userOf } from './hub-models.ts';
import { expectDone, field, type HubRequests, objectIn, segment } from './hub-requests.ts';

/** How long what the Hub said of a user is shown again, ms: a page that is looked at asks every other second. */
const USER_MS = 30_000;
const MOST_USERS = 1_000;
/** The Hub adds what is missing before it answers, and waits 10 s for a server to stop. */
const SLOW_MS = 60_000;
/** The Hub itself gives at most so many unless its settings say otherwise. */
const PAGE = 200;

interface KnownUser {
  readonly user: Promise<HubUser>;
  readonly since: number;
}

/** Asks the Hub with the viewer's own token. */
export class HubClient implements HubApi {
  readonly #requests: HubRequests;
  readonly #hubUrl: string;
  readonly #now: () => number;
  /** By token and name: each viewer sees what is theirs to see. */
  readonly #users = new Map<string, KnownUser>();

  constructor(requests: HubRequests, hubUrl: string, now: () => number = Date.now) {
    this.#requests = requests;
    this.#hubUrl = hubUrl;
    this.#now = now;
  }

  async sync(token: string): Promise<void> {
    expectDone(await this.#requests.send('proxy', { method: 'POST', token, timeoutMs: SLOW_MS }), 'a sync');
  }

  async stopServer(token: string, user: string, server: string): Promise<ServerStopped> {
    const path = `users/${segment(user)}/${server === '' ? 'server' : `servers/${segment(server)}`}`;
    const answer = await this.#requests.send(path, { method: 'DELETE', token, timeoutMs: SLOW_MS });
    expectDone(answer, 'to stop that server');
    this.#users.clear();
    return { pending: answer.status === 202 };
  }

  user(token: string, name: string): Promise<HubUser> {
    const key = JSON.stringify([token, name]);
    const known = this.#users.get(key);
    if (known !== undefined && this.#now() - known.since < USER_MS) return known.user;
    const user = this.#askUser(token, name);
    this.#users.delete(key);
    this.#users.set(key, { user, since: this.#now() });
    user.catch(() => this.#users.delete(key));
    const [oldest] = this.#users.keys();
    if (this.#users.size > MOST_USERS && oldest !== undefined) this.#users.delete(oldest);
    return user;
  }

  async activeServers(token: string, routes: readonly UserRoute[]): Promise<HubServers> {
    const users = await this.#activeUsers(token);
    const servers = users.flatMap(({ name, servers }) => servers.map((server) => ({ user: name, server })));
    const active = new Set(servers.map(({ user, server }) => idOf(user, server.name)));
    const routed = new Set(routes.map(({ user, server }) => idOf(user, server)));
    return {
      stale: routes.filter(({ user, server }) => !active.has(idOf(user, server))),
      // One that is being started or stopped has a route soon, or none any more.
      missing: servers
        .filter(({ user, server }) => server.ready && server.pending === null && !routed.has(idOf(user, server.name)))
        .map(({ user, server }) => ({ user, server: server.name, url: server.url })),
      compared: { routes: routes.length, servers: servers.length },
    };
  }

  async #askUser(token: string, name: string): Promise<HubUser> {
    const answer = await this.#requests.send(`users/${segment(name)}`, { token });
    return userOf(objectIn(answer, 'to show that user'), this.#hubUrl);
  }

  /** Someone who stops a server between two pages moves all behind them, and one is on neither: then it is asked again. */
  async #activeUsers(token: string, tries = 3): Promise<readonly HubUser[]> {
    const users = new Map<string, HubUser>();
    const totals = new Set<unknown>();
    const headers = { accept: 'application/jupyterhub-pagination+json' };
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const path = `users?state=active&limit=${PAGE}&offset=${offset}`;
      const page = objectIn(await this.#requests.send(path, { token, headers }), 'to list users');
      const items = field(page, 'items');
      for (const model of Array.isArray(items) ? items : []) {
        if (!showsServers(model))
          throw new SignalboxError('FORBIDDEN', 'the Hub does not show you the servers of users');
        const user = userOf(model, this.#hubUrl);
        users.set(user.name, user);
      }
      const pagination = field(page, '_pagination');
      totals.add(field(pagination, 'total'));
      const next: unknown = field(field(pagination, 'next'), 'offset');
      offset = typeof next === 'number' && next > offset ? next : undefined;
    }
    return totals.size > 1 && tries > 1 ? this.#activeUsers(token, tries - 1) : [...users.values()];
  }
}

function idOf(user: string, server: string): string {
  return JSON.stringify([user, server]);
}
