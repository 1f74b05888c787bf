import type { HubServer, HubUser } from '../page-api.ts';
import { field } from './hub-requests.ts';

/** What of the Hub's model of a user the dashboard shows. Members that the viewer may not see are missing there. */
export function userOf(model: unknown, hubUrl: string): HubUser {
  return {
    name: textIn(model, 'name') ?? '',
    admin: field(model, 'admin') === true,
    lastActivity: textIn(model, 'last_activity') ?? null,
    servers: Object.values(field(model, 'servers') ?? {})
      .filter((server) => field(server, 'stopped') !== true)
      .map((server) => serverOf(server, hubUrl)),
  };
}

/** May the viewer see this user's servers? */
export function showsServers(model: unknown): boolean {
  return typeof field(model, 'servers') === 'object';
}

function serverOf(model: unknown, hubUrl: string): HubServer {
  return {
    name: textIn(model, 'name') ?? '',
    ready: field(model, 'ready') === true,
    pending: textIn(model, 'pending') ?? null,
    started: textIn(model, 'started') ?? null,
    lastActivity: textIn(model, 'last_activity') ?? null,
    url: besideHub(textIn(model, 'full_url') ?? textIn(model, 'url') ?? '', hubUrl),
  };
}

/** The Hub's URLs often have no host, which means its own. */
function besideHub(url: string, hubUrl: string): string {
  return url.startsWith('/') ? `${URL.parse(hubUrl)?.origin ?? ''}${url}` : url;
}

function textIn(model: unknown, name: string): string | undefined {
  const value = field(model, name);
  return typeof value === 'string' ? value : undefined;
}
