import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import { ErrorLog } from '../../process/error-log.ts';
import { Certificates } from '../../rollout/certificates.ts';
import { openTemplates } from '../../rollout/open-templates.ts';
import { Rollout } from '../../rollout/rollout.ts';
import { ensureFolder, replaceFile } from '../../system/files.ts';
import { findProgram } from '../../system/find-program.ts';
import { freePort } from '../../system/free-port.ts';
import type { Log } from '../../system/log.ts';
import { Addresses } from '../addresses.ts';
import type { AccessLog, Driver, DriverEvents } from '../driver.ts';
import { writeCopies } from '../pem-copies.ts';
import { ProxyDriver } from '../proxy-driver.ts';
import { NginxAdapter } from './adapter.ts';
import { oneAuthority, writeAuthorities } from './authorities.ts';
import { nginxCatalogue } from './catalogue.ts';
import { Control } from './control.ts';
import { parseErrorLine } from './error-line.ts';
import type { NginxHost } from './host.ts';
import { Links } from './links.ts';
import { LiveTable } from './live-table.ts';
import { ManagedNginx } from './managed.ts';
import { Marks } from './marks.ts';
import { nginxPem } from './pem.ts';
import { Pins } from './pins.ts';
import { type NginxConfiguration, NginxPlacement } from './placement.ts';
import { refuses } from './refuses.ts';
import { reloadNginx } from './reload.ts';
import { Rendering } from './rendering.ts';
import { Resolver } from './resolver.ts';
import { nginxPaths, nginxSettings } from './settings.ts';
import { SidecarNginx } from './sidecar.ts';
import { NginxTable } from './table.ts';
import { parseTarget } from './target.ts';
import { testConfig } from './test-config.ts';
import { readBuild, requireNginx } from './version.ts';
import { workerUser } from './worker-user.ts';

/** On a quiet machine nginx needs a tenth of that for a row. */
const PATIENCE = { baseMs: 5_000, rowMs: 0.1 };

/** Puts the nginx driver together from the configuration. Makes its folders; starts nothing. */
export async function createNginxDriver(
  config: Config,
  events: DriverEvents,
  log: Log,
  lastActivity: (key: string) => number,
): Promise<Driver> {
  const paths = nginxPaths(config.stateDir);
  const { dir } = paths;
  checkSocketLength(paths.controlSocket);
  const workers = config.managed ? workerUser(config.nginxUser) : undefined;
  ensureFolder(dir, 0o711);
  ensureFolder(join(dir, 'control'), 0o711);
  ensureFolder(paths.tempDir, 0o711);
  workers?.checkReach(paths.runDir);
  if (config.clientSslCa === undefined && !config.insecure) {
    writeAuthorities(paths);
  }
  if (config.sslKeyPassphrase !== undefined) replaceFile(paths.passwordFile, `${config.sslKeyPassphrase}\n`);

  const nginx = findProgram(config.nginx);
  const build = nginx === undefined ? undefined : await readBuild(nginx);
  const listen = { ...config.public, port: config.public.port || (await freePort(config.public.host)) };
  const settings = nginxSettings(config, listen, workers?.directive ?? null, paths);

  const certificates = new Certificates(config, () => driver.certificatesRenewed(), log);
  const context = {
    settings: () => ({ ...settings, certificates: certificates.digest }),
    build,
    oneAuthority: oneAuthority(config, paths),
  };
  const templates = openTemplates({
    catalogue: nginxCatalogue,
    config,
    make: (files) => new Rendering(files, context),
    log,
  });
  const marks = new Marks(paths.runDir);
  const table = new NginxTable({
    hostRouting: config.hostRouting,
    rowsFile: paths.rows,
    live: new LiveTable(paths.runDir),
    marks,
  });

  const control = new Control(paths.controlSocket);
  const errorLog = config.managed
    ? new ErrorLog({
        path: paths.errorLog,
        source: 'nginx',
        parse: (line) => parseErrorLine(line, [paths.errorLog, paths.accessLog]),
        reopen: () => host.reopenLogs(),
        log,
      })
    : undefined;
  const host: NginxHost = errorLog
    ? new ManagedNginx({
        nginx: requireNginx(config.nginx),
        version: build?.version,
        dir,
        configFile: join(dir, 'current', 'nginx.conf'),
        pidFile: paths.pidFile,
        controlSocket: paths.controlSocket,
        workerUid: workers?.uid,
        listen: config.publicSocket ?? listen,
        control,
        errorLog,
        log,
        onExit: (reason) => {
          log.error({ event: 'failure' }, reason);
          events.onDrift(reason, false);
        },
      })
    : new SidecarNginx({
        control,
        controlSocket: paths.controlSocket,
        pidFile: config.nginxPidFile,
        reloadCommand: config.reloadCommand,
        test: sidecarTest(nginx, dir),
        log,
      });
  const reopen = config.managed || config.nginxPidFile !== undefined ? () => host.reopenLogs() : undefined;
  const links = new Links(paths.runDir);
  const onDrift = (reason: string) => events.onDrift(reason, false);
  const rollout = new Rollout({
    proxy: 'nginx',
    host,
    placement: new NginxPlacement({ dir, links, marks, test: (configFile) => host.test(configFile) }),
    served: async () => (await control.servedAfresh()).digest,
    reload: () => reloadNginx(host),
    hearsRefusals: () => host.hearsRefusals,
    patience: PATIENCE,
    log,
  });
  const addresses = new Addresses({
    refreshMs: config.resolveInterval,
    onMove: (places) => resolver.moved(places),
    log,
  });
  const resolver: Resolver = new Resolver({
    addresses,
    links,
    errorTarget: config.errorTarget === undefined ? undefined : parseTarget(config.errorTarget),
    shutOut: (socket) => workers?.shutOut(socket),
    onMove: onDrift,
    log,
  });
  const adapter = new NginxAdapter({
    table,
    marks,
    host,
    control,
    rollout,
    links,
    pins: new Pins(config.pin ? config.pinMax : 0),
    resolver,
    refuses,
    lastActivity,
    onDrift,
    pinIntervalMs: config.pinInterval,
    maxDraining: config.maxDraining,
    activity: config.activity,
    log,
  });
  const driver: ProxyDriver<Rendering, NginxConfiguration> = new ProxyDriver({
    adapter,
    host,
    rollout,
    templates,
    certificates,
    placePem: () => writeCopies(nginxPem(config, certificates.texts), paths.pemDir),
    errorLog,
    accessLog: config.activity ? accessLog(config, paths.accessLog, reopen) : undefined,
    events,
  });
  return driver;
}

/** unix(7): sun_path has 108 bytes. */
function checkSocketLength(path: string): void {
  if (Buffer.byteLength(path) <= 107) return;
  throw new SignalboxError('STATE_UNUSABLE', `the state folder's path is too long for a unix socket in it: ${path}`, {
    hint: 'Choose a shorter --state-dir.',
  });
}

/** Without an nginx here (it may be in another container) the reload itself and its confirmation are the test. */
function sidecarTest(nginx: string | undefined, dir: string) {
  return nginx === undefined ? undefined : (configFile: string) => testConfig(nginx, dir, configFile);
}

/**
 * Creates the file before nginx does, which would let all users of the machine read the names in it. A sidecar whose master
 * is root gives it to its workers' user when it reopens its logs: the group stays ours, and may read and empty it.
 */
function accessLog(config: Config, path: string, reopen: AccessLog['reopen']): AccessLog {
  const make = () => {
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    // Also one that a managed nginx left.
    if (statSync(path).uid === process.getuid?.()) chmodSync(path, config.managed ? 0o600 : 0o660);
  };
  make();
  return { path, make, reopen };
}
