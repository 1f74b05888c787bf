import { chmodSync, chownSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { ErrorLog } from '../../process/error-log.ts';
import type { Templates } from '../../render/templates.ts';
import { ensureFolder } from '../../system/files.ts';
import { freePort } from '../../system/free-port.ts';
import { checkReach } from '../../system/users.ts';
import { pathsOf } from '../pem-copies.ts';
import { planLaunch, TRAEFIK } from './launch.ts';
import { parseLogLine } from './log-line.ts';
import { ManagedTraefik } from './managed.ts';
import { MarkerClient } from './marker-client.ts';
import { type MarkerPlace, markerPlace, movedMarkerPlace } from './marker-place.ts';
import type { TraefikParts, TraefikPartsInput } from './parts.ts';
import { Rehearsal } from './rehearsal.ts';
import { staticSettings } from './settings.ts';
import { holdBack } from './starting.ts';
import { renderStaticFile, withVersion } from './static-file.ts';
import { tlsRenderer, traefikPem, writePem } from './tls.ts';
import { readVersion, requireTraefik } from './version.ts';

const PATIENCE_MS = 10_000;

/** A Traefik that Signalbox starts, with everything in the state folder. */
export async function createManaged(
  config: Config,
  templates: () => Templates,
  input: TraefikPartsInput,
): Promise<TraefikParts> {
  const { onDrift, log } = input;
  const dir = join(config.stateDir, 'traefik');
  const paths = {
    dir,
    watched: join(dir, 'dynamic'),
    staging: join(dir, 'staging'),
    pem: join(dir, 'pem'),
    staticFile: join(dir, 'static.yml'),
    pidFile: join(dir, 'traefik.pid'),
    errorLog: join(dir, 'error.log'),
    accessLog: join(dir, 'access.log'),
    marker: join(dir, 'marker.json'),
  };
  const routes = join(paths.watched, 'routes.yml');
  const traefik = requireTraefik(config.traefik);
  const version = await readVersion(traefik);
  const listen = { ...config.public, port: config.public.port || (await freePort(config.public.host)) };
  const ports = [listen, config.redirect, config.traefikDashboard].flatMap((address) => address?.port ?? []);
  const launch = planLaunch(config.traefikUser, ports);
  const { user } = launch;

  ensureFolder(dir, user ? 0o711 : 0o700);
  for (const folder of [paths.watched, paths.staging, paths.pem]) ensureFolder(folder, 0o700);
  if (user) {
    checkReach(paths.watched, user, TRAEFIK);
    for (const folder of [paths.watched, paths.pem]) chownSync(folder, user.uid, user.gid);
  }
  /** Creates a log that Traefik can write into. */
  const giveLog = (path: string) => {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    if (user) chownSync(path, user.uid, user.gid);
  };
  giveLog(paths.errorLog);
  giveLog(paths.accessLog);
  const reopen = () => {
    giveLog(paths.errorLog);
    giveLog(paths.accessLog);
    return host.reopenLogs();
  };

  const pemFiles = pathsOf(traefikPem(config, config.certificates), paths.pem);
  let place = await markerPlace(paths.marker);
  const marker = new MarkerClient(urlOf(place), place.token);
  const renderStatic = () =>
    withVersion(renderStaticFile(templates(), staticSettings(config, listen, place.port, version, paths)), version);
  const rehearsal = new Rehearsal({
    traefik,
    version,
    dir: join(dir, 'trial'),
    launch,
    config,
    templates,
    token: place.token,
  });
  rehearsal.clear();
  const errorLog = new ErrorLog({ path: paths.errorLog, source: 'traefik', parse: parseLogLine, reopen, log });
  const host: ManagedTraefik = new ManagedTraefik({
    traefik,
    version,
    ...paths,
    listen,
    launch,
    marker,
    errorLog,
    rehearsal,
    renderStatic,
    holdBack: () => holdBack(routes, place.token, paths.staging, user),
    movePrivatePort: async () => {
      place = await movedMarkerPlace(paths.marker, place);
      marker.url = urlOf(place);
    },
    log,
    onExit: (reason) => {
      log.error({ event: 'failure' }, reason);
      onDrift(reason);
    },
  });
  return {
    host,
    marker,
    token: place.token,
    places: {
      routes: { path: routes, lastGood: join(dir, 'last-good.yml') },
      tls: { path: join(paths.watched, 'tls.yml'), lastGood: join(dir, 'last-good-tls.yml') },
      staging: paths.staging,
      mode: 0o600,
      owner: user,
    },
    renderStatic,
    pemFiles,
    renderTls: tlsRenderer(config, listen.port, paths.pem, pemFiles),
    placePem: ({ texts }) => writePem(config, texts, paths.pem, user),
    rehearse: (configuration) => rehearsal.rehearse(configuration),
    errorLog,
    accessLog: { path: paths.accessLog, make: () => giveLog(paths.accessLog), reopen },
    patienceMs: PATIENCE_MS,
  };
}

function urlOf({ port }: MarkerPlace): URL {
  return new URL(`http://127.0.0.1:${port}`);
}
