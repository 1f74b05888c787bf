import type { Config } from '../config/schema.ts';
import type { Log } from '../system/log.ts';
import type { Driver, DriverEvents } from './driver.ts';

/**
 * The registry of drivers: one line a proxy. `lastActivity` is the time a route was last used, in ms since 1970. Only the
 * one that is used is loaded.
 */
const drivers: Record<Config['driver'], () => Promise<CreateDriver>> = {
  nginx: async () => (await import('./nginx/create.ts')).createNginxDriver,
  traefik: async () => (await import('./traefik/create.ts')).createTraefikDriver,
};

type CreateDriver = (
  config: Config,
  events: DriverEvents,
  log: Log,
  lastActivity: (key: string) => number,
) => Promise<Driver>;

export async function createDriver(
  config: Config,
  events: DriverEvents,
  log: Log,
  lastActivity: (key: string) => number,
): Promise<Driver> {
  const create = await drivers[config.driver]();
  return create(config, events, log, lastActivity);
}
