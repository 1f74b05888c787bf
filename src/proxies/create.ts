import type { Config } from '../config/schema.ts';
import type { Log } from '../system/log.ts';
import type { Driver, DriverEvents } from './driver.ts';
import { createNginxDriver } from './nginx/create.ts';
import { createTraefikDriver } from './traefik/create.ts';

/** The registry of drivers: one line a proxy. `lastActivity` is the time a route was last used, in ms since 1970. */
const drivers: Record<Config['driver'], CreateDriver> = {
  nginx: createNginxDriver,
  traefik: createTraefikDriver,
};

type CreateDriver = (
  config: Config,
  events: DriverEvents,
  log: Log,
  lastActivity: (key: string) => number,
) => Promise<Driver>;

export function createDriver(
  config: Config,
  events: DriverEvents,
  log: Log,
  lastActivity: (key: string) => number,
): Promise<Driver> {
  return drivers[config.driver](config, events, log, lastActivity);
}
