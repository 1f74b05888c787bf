import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { describeError, SignalboxError } from '../../errors.ts';
import { ensureFolder } from '../../system/files.ts';
import type { Version } from '../version.ts';
import { MarkerClient } from './marker-client.ts';
import { markerPlace } from './marker-place.ts';
import { STAGING_MODE } from './move-into.ts';
import type { TraefikParts, TraefikPartsInput } from './parts.ts';
import { SidecarTraefik } from './sidecar.ts';
import { namedPemFiles } from './tls.ts';
import { ownRouters } from './traefik-api.ts';
import { apiVersion } from './version.ts';

/** A sidecar's Traefik reads its folder at most every 2 s unless configured otherwise, and the folder may be slow. */
const PATIENCE_MS = 20_000;
/** The share of apply-timeout to wait at most: who waits for a change gets to hear the reason. */
const IN_TIME = 0.75;

/** A Traefik of someone else, into whose folder our file is put. */
export async function createSidecar(config: Config, { log }: TraefikPartsInput): Promise<TraefikParts> {
  const { traefikDir: folder, traefikUrl: url, traefikPrefix: prefix, traefikApi: api } = config;
  if (folder === undefined || url === undefined) {
    throw new SignalboxError('INTERNAL', 'a sidecar without traefik-dir and traefik-url was let through');
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SignalboxError('BAD_CONFIG', `traefik-dir is no folder: ${folder}`, {
      hint: 'It must be the folder of providers.file.directory in the configuration of Traefik.',
    });
  }
  // There, and not in the state folder, which may be on another file system.
  const staging = join(folder, `.${prefix}`);
  ensureFolder(staging, STAGING_MODE);
  const dir = join(config.stateDir, 'traefik');
  ensureFolder(dir, 0o700);
  const { token } = await markerPlace(join(dir, 'marker.json'));
  const marker = new MarkerClient(new URL(url), token);
  log.info({ folder, url }, 'someone else runs Traefik; its providersThrottleDuration, 2 s unless set, delays changes');
  return {
    host: new SidecarTraefik({
      marker,
      version: await versionOf(api, log),
      folder,
      disabled: async () => (api === undefined ? [] : await ownRouters(api, config, 'disabled').catch(() => [])),
    }),
    marker,
    token,
    places: {
      routes: { path: join(folder, `${prefix}.yml`), lastGood: join(staging, 'last-good') },
      staging,
      mode: Number.parseInt(config.traefikFileMode, 8),
      owner: undefined,
    },
    renderStatic: () => '',
    pemFiles: namedPemFiles(config),
    renderTls: () => undefined,
    placePem: () => {},
    rehearse: undefined,
    errorLog: undefined,
    accessLog:
      config.traefikAccessLog === undefined
        ? undefined
        : { path: config.traefikAccessLog, make: undefined, reopen: undefined },
    patienceMs: Math.min(PATIENCE_MS, config.applyTimeout * IN_TIME),
  };
}

async function versionOf(api: string | undefined, log: TraefikPartsInput['log']): Promise<Version | undefined> {
  if (api === undefined) return undefined;
  try {
    return await apiVersion(api);
  } catch (error) {
    log.warn({ api, reason: describeError(error) }, "Traefik's API does not tell its version; 3.6 or newer is assumed");
    return undefined;
  }
}
