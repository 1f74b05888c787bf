import type { Log } from '../../system/log.ts';
import { readHubEnvironment } from './environment.ts';
import type { Hub } from './hub-api.ts';
import { HubClient } from './hub-client.ts';
import { HubLogin } from './hub-login.ts';
import { HubRequests } from './hub-requests.ts';
import { holds, holdsForSome } from './scopes.ts';
import { readTls } from './tls.ts';

export interface HubOptions {
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** `--hub-url`: where browsers find the Hub, for a service on an origin of its own. */
  readonly hubUrl?: string | undefined;
}

/** The Hub whose service this is, by the variables `JUPYTERHUB_…`; undefined without one. Asks it nothing yet: it may be starting. */
export function createHub(env: NodeJS.ProcessEnv, { log, hubUrl }: HubOptions): Hub | undefined {
  const hub = readHubEnvironment(env, hubUrl);
  if (hub === undefined) return undefined;
  const tls = readTls(hub.tlsFiles);
  const requests = new HubRequests(hub.apiUrl, log, tls);
  const { listen, prefix, ownRoute, publicUrl, hostCookies } = hub;
  return {
    login: new HubLogin(hub, requests, log),
    api: new HubClient(requests, hub.hubUrl),
    describe({ hub: own }) {
      const scopes = own?.scopes ?? [];
      return {
        url: hub.hubUrl,
        maySync: holds(scopes, 'proxy'),
        mayStop: holdsForSome(scopes, 'delete:servers'),
        // Of some users alone the rest would look as if it had no server.
        mayListUsers: holds(scopes, 'list:users') && holds(scopes, 'read:servers'),
      };
    },
    place: {
      ...{ listen, prefix, ownRoute, publicUrl, hostCookies },
      // Who has no certificate of the Hub's authority is not its proxy.
      tls: tls && { ...tls, requestCert: true, rejectUnauthorized: true },
    },
  };
}
