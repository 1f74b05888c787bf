import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';

import type { FastifyInstance } from 'fastify';
import { buildApi } from './api/build.ts';
import type { StatusReport } from './api/schemas.ts';
import { formatAddress } from './config/address.ts';
import type { Config } from './config/schema.ts';
import { describeError, SignalboxError } from './errors.ts';
import { createLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { createDriver } from './proxies/create.ts';
import type { Driver, DriverEvents } from './proxies/driver.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { Writer } from './reconcile/writer.ts';
import { makeRoute } from './routes/route.ts';
import { RoutingTable } from './routes/table.ts';
import { Signals } from './signals.ts';
import { acquireLock } from './store/lock.ts';
import { openSqliteStore } from './store/sqlite.ts';

const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

type Log = ReturnType<typeof createLog>;

/** Runs `signalbox serve` until a signal ends it; resolves to the exit code. The whole wiring is here, nothing else is. */
export async function runDaemon(config: Config, warnings: readonly string[]): Promise<number> {
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  for (const warning of warnings) log.warn(warning);
  // Modes are given where files are made; a umask that takes more away would lock nginx's workers out.
  process.umask(0o022);
  makeStateFolder(config);
  const lock = acquireLock(config.stateDir);
  const cleanup: (() => Promise<unknown> | unknown)[] = [() => lock.release()];
  const signals = new Signals('SIGTERM', 'SIGINT', 'SIGHUP');
  try {
    return await serve(config, log, signals, cleanup);
  } finally {
    for (const clean of cleanup.reverse()) await clean();
  }
}

async function serve(config: Config, log: Log, signals: Signals, cleanup: (() => unknown)[]): Promise<number> {
  const started = Date.now();
  const events: DriverEvents = { onDrift: (reason, full) => reconciler.drift(reason, full) };
  const lastActivity = (key: string) => table.get(key)?.lastActivity ?? 0;
  const driver = await createDriver(config, events, lastActivity, log);
  const store = await openSqliteStore({ dir: config.stateDir, log, recover: () => driver.recover() });
  cleanup.push(() => store.close());
  const { generation, entries } = await store.load();
  const table = new RoutingTable(generation, entries);
  log.info({ routes: table.size, generation, took: Date.now() - started }, 'routes loaded');

  const metrics = createMetrics({
    version: VERSION,
    driver: driver.name,
    sources: {
      routes: () => table.size,
      generation: () => ({ wanted: table.generation, served: reconciler.served }),
      proxy: () => driver.status(),
    },
  });
  const reconciler = new Reconciler({ driver, table, log, onPass: metrics.observePass });
  const writer = new Writer({ store, table, driver, reconciler, applyTimeoutMs: config.applyTimeout });
  const report = () => statusReport(config, driver, table, reconciler, started);
  const app = buildApi({
    version: VERSION,
    table,
    changes: writer,
    config: { token: config.token, hostRouting: config.hostRouting },
    status: { report, notReady: () => notReady(driver, reconciler) },
    metrics,
    log,
  });
  cleanup.push(() => app.close());

  await driver.start();
  await listen(app, config, log);
  reconciler.start();
  cleanup.push(() => stopProxy(driver, reconciler, config, signals, log));
  if (config.defaultTarget !== undefined) void setDefaultTarget(config.defaultTarget, table, writer, log);

  for (;;) {
    const signal = await signals.next();
    if (signal === 'SIGHUP') {
      reconciler.drift('SIGHUP', true);
      continue;
    }
    log.info({ signal }, 'stopping; a second signal stops at once');
    await writer.close();
    return 0;
  }
}

/** Running requests may end within the drain timeout; a second signal cuts it short. A pass that hangs is not waited for. */
async function stopProxy(driver: Driver, reconciler: Reconciler, config: Config, signals: Signals, log: Log) {
  void reconciler.stop();
  const drained = driver.stop(config.drainTimeout);
  const again = signals.next('SIGTERM', 'SIGINT').then(() => driver.stop(0));
  await Promise.race([drained, again]);
  log.info('stopped');
}

function makeStateFolder(config: Config): void {
  if (existsSync(config.stateDir)) return;
  // nginx's workers may be other users than we are: they pass through, they don't list.
  const shared = !config.managed || process.getuid?.() === 0;
  try {
    mkdirSync(config.stateDir, { recursive: true });
    chmodSync(config.stateDir, shared ? 0o711 : 0o700);
  } catch (error) {
    throw new SignalboxError('STATE_UNUSABLE', `cannot make the state folder ${config.stateDir}`, {
      cause: error,
      hint: 'Choose another one with --state-dir.',
    });
  }
}

async function listen(app: FastifyInstance, config: Config, log: Log): Promise<void> {
  const { host, port } = config.api;
  try {
    await app.listen({ port, host: host === '*' ? '::' : host });
  } catch (error) {
    throw new SignalboxError('PORT_TAKEN', `the API cannot listen on ${formatAddress(config.api)}`, {
      cause: error,
      hint: 'Stop the program that listens there, or choose another address with --api.',
    });
  }
  log.info({ api: formatAddress(config.api), public: formatAddress(config.public) }, 'API listens');
  if (config.token === undefined) log.warn('the API has no token: everyone who reaches it may change routes');
}

/**
 * As with CHP the default target is the root route, an ordinary one. One that the Hub put there itself (with data of its
 * own) is the better one and stays.
 */
async function setDefaultTarget(target: string, table: RoutingTable, writer: Writer, log: Log): Promise<void> {
  const route = makeRoute('/', { target });
  const current = table.get('/')?.route;
  if (current && Object.keys(JSON.parse(current.data)).length > 1) return;
  try {
    await writer.submit({ replace: false, remove: [], set: [{ route }] });
  } catch (error) {
    log.error(`default target: ${describeError(error)}`);
  }
}

function statusReport(
  config: Config,
  driver: Driver,
  table: RoutingTable,
  reconciler: Reconciler,
  started: number,
): StatusReport {
  const { up, version, reloads, restarts, drainingWorkers } = driver.status();
  const { lastError } = reconciler;
  return {
    version: VERSION,
    driver: driver.name,
    table: config.table,
    proxy: { up, version: version ?? null, restarts },
    generation: { wanted: table.generation, served: reconciler.served },
    routes: table.size,
    pending: table.generation - Math.max(reconciler.served, 0),
    lastError: lastError ? { time: new Date(lastError.time).toISOString(), message: lastError.message } : null,
    reloads,
    drainingWorkers: drainingWorkers ?? null,
    uptimeSeconds: Math.round((Date.now() - started) / 1000),
  };
}

function notReady(driver: Driver, reconciler: Reconciler): string | undefined {
  if (!driver.status().up) return reconciler.lastError?.message ?? 'the proxy is not up yet';
  if (reconciler.isCurrent) return undefined;
  return reconciler.lastError?.message ?? 'the proxy does not serve the newest table yet';
}
