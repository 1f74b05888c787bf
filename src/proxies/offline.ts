import type { Config } from '../config/schema.ts';
import { nginxOffline } from './nginx/offline.ts';
import type { OfflineProxy } from './offline-proxy.ts';
import { traefikOffline } from './traefik/offline.ts';

/** The registry, one line a proxy. */
const proxies: Record<Config['driver'], OfflineProxy> = {
  nginx: nginxOffline,
  traefik: traefikOffline,
};

export function offlineProxy(driver: Config['driver']): OfflineProxy {
  return proxies[driver];
}
