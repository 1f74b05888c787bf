import type { Config } from '../config/schema.ts';
import { SignalboxError } from '../errors.ts';
import type { Driver } from '../proxies/driver.ts';
import { matchRoute } from '../routes/match.ts';
import type { Store } from '../store/store.ts';
import { parserOf } from './formats/choose.ts';
import { signalboxFormat } from './formats/signalbox.ts';
import { traefikRouterFormat } from './formats/traefik-router.ts';
import type { FindRoute, ParseLine } from './hit.ts';
import { Rotation } from './rotation.ts';
import { type LogSource, Tracker, type TrackerOptions } from './tracker.ts';

type Parts = Pick<TrackerOptions, 'table' | 'cursors' | 'log' | 'onHit' | 'onLook'> & {
  readonly driver: Driver;
  readonly store: Store;
};

/** Puts the tracker together from the configuration; starts nothing. Undefined with --no-activity. */
export function createTracker(config: Config, { driver, table, store, ...parts }: Parts): Tracker | undefined {
  if (!config.activity) return undefined;
  const findRoute: FindRoute = (path, host) => matchRoute(table, path, config.hostRouting ? (host ?? '') : undefined);
  const addedBytes = config.customHeader.reduce((sum, { name, value }) => sum + name.length + value.length + 4, 0);
  const parse = config.activityLog.length === 0 ? undefined : parser(config.activityFormat, findRoute, addedBytes);

  const logs: LogSource[] = [];
  if (driver.accessLog) {
    const { path, keyOf, make, reopen } = driver.accessLog;
    const own = keyOf ? traefikRouterFormat(keyOf) : signalboxFormat(addedBytes);
    const rotation = make && new Rotation({ path, make, reopen }, config.accessLogSize);
    logs.push({ path, parse: own, ...(rotation && { rotation }) });
  }
  if (parse) {
    // Our own log is read already, even if --activity-log names it too.
    const others = config.activityLog.filter((path) => path !== driver.accessLog?.path);
    logs.push(...others.map((path) => ({ path, parse })));
  }
  return new Tracker({
    ...parts,
    table,
    store,
    storeIntervalMs: store.touchEveryMs,
    logs,
    backends: () => driver.backends(),
    mixed: driver.mixesConnections === true,
    probeIntervalMs: config.activityProbeInterval,
  });
}

function parser(format: string, findRoute: FindRoute, addedBytes: number): ParseLine {
  try {
    return parserOf(format, findRoute, addedBytes);
  } catch (error) {
    throw new SignalboxError('BAD_CONFIG', `activity-format: ${(error as Error).message}`, {
      hint: "Give it the text of the other proxy's log_format, or add the variable there.",
    });
  }
}
