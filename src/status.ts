import type { Namespace } from './api/namespaces/create.ts';
import type { StatusReport } from './api/schemas.ts';
import type { Config } from './config/schema.ts';
import type { Driver, DriverStatus } from './proxies/driver.ts';
import type { Reconciler } from './reconcile/reconciler.ts';
import type { RoutingTable } from './routes/table.ts';
import type { FleetStatus } from './store/fleet.ts';
import { VERSION } from './version.ts';

interface Sources {
  readonly config: Config;
  readonly driver: Driver;
  readonly table: RoutingTable;
  readonly namespaces: readonly Namespace[];
  readonly reconciler: Reconciler;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly activity: StatusReport['activity'] | undefined;
  readonly fleet: FleetStatus | undefined;
}

/** What GET /status shows. */
export function statusReport(sources: Sources): StatusReport {
  const { config, driver, table, namespaces, reconciler, started, activity, fleet } = sources;
  const { version, reloads, restarts, draining, pins, templates } = driver.status();
  const lastError = reconciler.failures.last;
  return {
    version: VERSION,
    driver: driver.name,
    table: config.driver === 'nginx' ? 'live' : config.traefikTree ? 'tree' : 'flat',
    proxy: { up: isUp(driver, reconciler), version: version ?? null, restarts },
    generation: { wanted: table.generation, served: reconciler.served },
    routes: table.size,
    namespaces: namespaces.map(({ name, routes, maxRoutes }) => ({
      name,
      routes: routes(),
      maxRoutes: maxRoutes ?? null,
    })),
    pending: reconciler.pending,
    lastError: lastError ? { time: new Date(lastError.time).toISOString(), message: lastError.message } : null,
    refused: reconciler.refused.list.map((one) => ({ ...one, since: new Date(one.since).toISOString() })),
    reloads,
    drainingWorkers: draining?.workers ?? null,
    draining: draining ? { generations: draining.generations, bytes: draining.bytes ?? null } : null,
    pins: pins ? { targets: pins.targets, share: pins.share ?? null } : null,
    templates: { own: [...templates.own], error: templateError(templates.problem) },
    activity: activity ?? null,
    fleet: fleet ? { ...fleet, replicas: [...fleet.replicas] } : null,
    uptimeSeconds: Math.round((Date.now() - started) / 1000),
  };
}

function templateError(problem: DriverStatus['templates']['problem']): StatusReport['templates']['error'] {
  return problem ? { ...problem, time: new Date(problem.time).toISOString() } : null;
}

/** Is the proxy there, and does it answer? */
export function isUp(driver: Driver, reconciler: Reconciler): boolean {
  return driver.status().up && !reconciler.isFaulty;
}

/**
 * Why the proxy can't be relied on to serve the newest table; undefined when it can. A route that it refuses is no reason, as all
 * others are served.
 */
export function notReady(driver: Driver, reconciler: Reconciler): string | undefined {
  return reconciler.isKeepingUp && isUp(driver, reconciler) ? undefined : reconciler.reason;
}
