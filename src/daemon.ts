import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { createTracker } from './activity/create.ts';
import type { Hit } from './activity/hit.ts';
import { buildApi } from './api/build.ts';
import { createNamespaces } from './api/namespaces/create.ts';
import type { Config } from './config/schema.ts';
import { describeError, SignalboxError } from './errors.ts';
import { listenApi } from './listeners/api.ts';
import { listenMetrics } from './listeners/metrics.ts';
import { withEvents } from './observe/event-log.ts';
import { Events } from './observe/events.ts';
import { createLog } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { createDriver } from './proxies/create.ts';
import type { Driver, DriverEvents } from './proxies/driver.ts';
import { Intake } from './reconcile/intake.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { Writer } from './reconcile/writer.ts';
import { type Entry, makeRoute, type Route } from './routes/route.ts';
import { RoutingTable } from './routes/table.ts';
import { isUp, notReady, statusReport } from './status.ts';
import type { FleetEvents } from './store/fleet.ts';
import { acquireLock } from './store/lock.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { TableCopy } from './store/table-copy.ts';
import { formatAddress } from './system/address.ts';
import { writePidFile } from './system/pid-file.ts';
import { checkPublicPort } from './system/public-port.ts';
import { Signals, STOPS } from './system/signals.ts';
import { watchFolder } from './system/watch.ts';
import { History } from './traffic/history.ts';
import { VERSION } from './version.ts';

/** How long running requests to the API may take once it stops. */
const API_GRACE_MS = 200;

type Log = ReturnType<typeof createLog>;

/** Runs `signalbox serve` until a signal ends it; resolves to the exit code. The whole wiring is here, nothing else is. */
export async function runDaemon(
  config: Config,
  warnings: readonly string[],
  { exitCodeAfterSignal = 0 }: { exitCodeAfterSignal?: number } = {},
): Promise<number> {
  // A large table makes much garbage at once. V8 would enlarge its nursery for that, and keep some 60 MB for ever.
  setFlagsFromString('--semi-space-growth-factor=1');
  const signals = new Signals(...STOPS, 'SIGHUP');
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  for (const warning of warnings) log.warn(warning);
  // Modes are given where files are made; a umask that takes more away would lock nginx's workers out.
  process.umask(0o022);
  makeStateFolder(config);
  const lock = acquireLock(config.stateDir);
  const cleanup: (() => unknown)[] = [() => lock.release()];
  try {
    if (config.pidFile !== undefined) cleanup.push(writePidFile(config.pidFile));
    await serve(config, log, signals, cleanup);
  } catch (error) {
    await endAll(cleanup, log);
    throw error;
  }
  return (await endAll(cleanup, log)) ? exitCodeAfterSignal : 1;
}

/** Ends everything, the newest first. A failure does not stop the rest; true when there was none. */
async function endAll(cleanup: readonly (() => unknown)[], log: Log): Promise<boolean> {
  let good = true;
  for (const clean of cleanup.toReversed()) {
    try {
      await clean();
    } catch (error) {
      good = false;
      log.error({ reason: describeError(error) }, 'not everything could be ended in good order');
    }
  }
  return good;
}

async function serve(config: Config, log: Log, signals: Signals, cleanup: (() => unknown)[]): Promise<void> {
  const started = Date.now();
  const events = new Events();
  const told = withEvents(log, events);
  let second: Promise<string> | undefined;
  const again = () => {
    second ??= signals.next(...STOPS);
    return second;
  };
  const driverEvents: DriverEvents = { onDrift: (reason, full) => reconciler.drift(reason, full) };
  const lastActivity = (key: string) => table.get(key)?.lastActivity ?? 0;
  const driver = await createDriver(config, driverEvents, told, lastActivity);
  const counted: FleetEvents = {
    onCommit: (seconds) => metrics.onCommit?.(seconds),
    onWait: (seconds) => metrics.onWait?.(seconds),
    onReconnect: () => metrics.onReconnect?.(),
    onReset: () => metrics.onReset?.(),
  };
  const { store, cursors, session, fleet, close } = await openStore(config, told, counted);
  cleanup.push(close);
  const leftovers = await servedByAnother(config, driver, session?.left ?? []);
  const forget = (keys: readonly string[]) => void session?.forget(keys);
  // Also those of an earlier daemon whose proxy is gone.
  if (leftovers.length === 0) forget(session?.left.map(({ route }) => route.key) ?? []);

  const table = new RoutingTable();
  const onPass: Metrics['observePass'] = (...pass) => {
    metrics.observePass(...pass);
    history.passed(...pass);
  };
  const onServed = (generation: number) => fleet?.served(generation);
  const reconciler = new Reconciler({ driver, table, log: told, leftovers, onLeftoversEnd: forget, onServed, onPass });
  const generation = () => ({ wanted: table.generation, served: reconciler.served });
  const metrics = createMetrics({
    version: VERSION,
    driver: driver.name,
    sources: {
      routes: () => table.size,
      generation,
      refused: () => reconciler.refused.list,
      proxy: () => ({ ...driver.status(), up: isUp(driver, reconciler) }),
      activity: () => tracker?.status(),
      open: () => ({ websockets: tracker?.openTotal() ?? null, people: history.connected }),
    },
    fleet: fleet && { status: () => fleet.status(), generation },
  });
  await store.open(new Intake({ table, reconciler, log, events: events }));
  log.info({ routes: table.size, generation: table.generation, took: Date.now() - started }, 'routes loaded');
  events.add({ kind: 'start', text: `Signalbox ${VERSION} started with ${table.size} routes` });
  const copy = new TableCopy({ dir: config.stateDir, table, log });
  cleanup.push(() => copy.stop());
  if (config.defaultTarget !== undefined) await putDefaultTarget(config.defaultTarget, table, store, driver, log);

  const history = new History({ table, driver, tracker: () => tracker, fresh: () => store.fresh() });
  const onHit = (hit: Hit) => {
    metrics.observeRequest(hit);
    driver.used?.(hit.key);
    history.hit(hit);
  };
  const onLook = () => history.looked();
  const tracker = createTracker(config, { driver, table, store, cursors, log, onHit, onLook });
  // After the proxy's end, which writes the last lines.
  if (tracker) cleanup.push(() => tracker.stop());

  const writer = new Writer({ store, driver, reconciler, fleet, applyTimeoutMs: config.applyTimeout });
  const namespaces = createNamespaces(config.namespaces ?? [], config.namespaceTokens, table);
  const report = () =>
    statusReport({
      ...{ config, driver, table, namespaces, reconciler, started },
      activity: tracker?.status(),
      fleet: fleet?.status(),
    });
  const app = buildApi({
    version: VERSION,
    table,
    namespaces,
    changes: writer,
    fresh: (key) => store.fresh(key),
    config: { token: config.token, readToken: config.readToken, hostRouting: config.hostRouting },
    status: {
      report,
      generation,
      notReady: () => notReady(driver, reconciler) ?? fleet?.notReady,
      lease: () => fleet?.lease,
    },
    metrics: {
      render: () => metrics.render(),
      countChange(kind) {
        metrics.countChange(kind);
        history.changed();
      },
    },
    stats: (key) => tracker?.stats.of(key),
    events,
    verify: () => reconciler.verify(config.applyTimeout),
    history,
    log,
  });
  await driver.start();
  cleanup.push(watchTemplates(config, driver, log));
  await tracker?.start();
  const listeners = [await listenApi(app, config, { log, onAnswer: metrics.observeApi })];
  cleanup.push(() => Promise.all(listeners.map((listener) => listener.close(API_GRACE_MS))));
  const metricsListener = await listenMetrics(metrics, config, log);
  if (metricsListener) listeners.push(metricsListener);
  log.info({ api: listeners[0]?.where, public: config.publicSocket ?? formatAddress(config.public) }, 'API listens');
  if (config.redirect !== undefined) {
    // In the words of configurable-http-proxy.
    const to = config.redirectTo ?? config.public.port;
    log.info(`Added HTTP to HTTPS redirection from ${config.redirect.port} to ${to}`);
  }
  if (config.token === undefined) log.warn('the API has no token: everyone who reaches it may change routes');
  // Only from here on: a start that fails must not stop the nginx that an earlier daemon left serving.
  cleanup.push(() => stopProxy(driver, reconciler, config, again, log));
  reconciler.start();
  if (!session) copy.start();
  if (fleet) {
    fleet.start();
    cleanup.push(() => fleet.stop());
  }

  for (;;) {
    const signal = await signals.next();
    if (signal === 'SIGHUP') {
      for (const listener of listeners) listener.renew();
      reconciler.drift('SIGHUP', true);
      continue;
    }
    log.info({ signal }, 'stopping; a second signal stops at once');
    if (fleet) await Promise.race([fleet.leave(), again()]);
    await writer.close();
    return;
  }
}

/** The routes of an earlier daemon that its proxy still serves: all, or none when the proxy has ended too. */
async function servedByAnother(
  { public: address, publicSocket }: Config,
  driver: Driver,
  entries: readonly Entry[],
): Promise<Route[]> {
  if (entries.length === 0) return [];
  const isFree = await checkPublicPort(publicSocket ?? address, driver.name).then(
    () => true,
    () => false,
  );
  // This daemon may have another kind of proxy, which can't serve all of them.
  return isFree ? [] : entries.map(({ route }) => route).filter((route) => !driver.refuses(route));
}

/** Returns what ends it. */
function watchTemplates(config: Config, driver: Driver, log: Log): () => void {
  if (config.templates === undefined) return () => {};
  return watchFolder(config.templates, () => driver.templatesChanged(), {
    onError: (error) =>
      log.error({ reason: describeError(error) }, 'changed templates could not be taken up; they are tried again'),
  });
}

/** Running requests may end within the drain timeout; a second signal cuts it short. A pass that hangs is not waited for. */
async function stopProxy(
  driver: Driver,
  reconciler: Reconciler,
  config: Config,
  again: () => Promise<string>,
  log: Log,
) {
  void reconciler.stop();
  const drained = driver.stop(config.drainTimeout);
  await Promise.race([drained, again().then(() => driver.stop(0))]);
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

/**
 * As with CHP the default target is the root route, an ordinary route, and is set before anything listens. If the Hub has set the root
 * route itself (with its own data), that one stays.
 */
async function putDefaultTarget(target: string, table: RoutingTable, store: Store, driver: Driver, log: Log) {
  const route = makeRoute('/', { target });
  const current = table.get('/')?.route;
  if (current?.target === target || (current && Object.keys(JSON.parse(current.data)).length > 1)) return;
  try {
    const refusal = driver.refuses(route);
    if (refusal) throw new SignalboxError('BAD_ROUTESPEC', refusal.message, { hint: refusal.hint });
    await store.commit({ clear: undefined, put: new Map([[route.key, { route, lastActivity: Date.now() }]]) });
  } catch (error) {
    log.error(`default target: ${describeError(error)}`);
  }
}
