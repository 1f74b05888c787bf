import type { Config } from '../../config/schema.ts';
import { templatesOf } from '../../render/template-files.ts';
import { Templates } from '../../render/templates.ts';
import { Certificates } from '../../rollout/certificates.ts';
import { openTemplates } from '../../rollout/open-templates.ts';
import type { Log } from '../../system/log.ts';
import { Addresses } from '../addresses.ts';
import type { DriverEvents } from '../driver.ts';
import { BackendAddresses } from './backend-addresses.ts';
import { traefikCatalogue } from './catalogue.ts';
import { createManaged } from './create-managed.ts';
import { createSidecar } from './create-sidecar.ts';
import { Deployment } from './deployment.ts';
import { TraefikDriver } from './driver.ts';
import { DynamicConfig, refuses } from './dynamic.ts';
import { DynamicFile } from './dynamic-file.ts';
import { TRAEFIK_FILTERS } from './quote.ts';
import { dynamicSettings } from './settings.ts';
import { checkSupported } from './supported.ts';

/** Puts the Traefik driver together from the configuration. Makes its folders; starts nothing. */
export async function createTraefikDriver(
  config: Config,
  events: DriverEvents,
  _lastActivity: (key: string) => number,
  log: Log,
): Promise<TraefikDriver> {
  for (const warning of checkSupported(config)) log.warn({}, warning);
  const templates = openTemplates({
    catalogue: traefikCatalogue,
    config,
    make: (files) => new Templates(files, TRAEFIK_FILTERS),
    log,
  });
  const inUse = { templates: new Templates(templatesOf(traefikCatalogue, undefined), TRAEFIK_FILTERS) };
  const input = { onDrift: (reason: string) => events.onDrift(reason, false), log };
  const parts = config.managed ? await createManaged(config, inUse, input) : await createSidecar(config, input);
  const { host, marker, token, accessLog } = parts;

  const settings = dynamicSettings(config, token, host.version, parts.pemFiles);
  if (config.traefikTree && !settings.tree) {
    log.warn(
      { version: host.version?.text },
      'this Traefik has no sound routers in layers (3.6.2): the more routes, the dearer a request',
    );
  }
  const dynamic = new DynamicConfig(inUse.templates, settings);
  const certificates = new Certificates(config, () => driver.filesRenewed('certificates were renewed'), log);
  const addresses = new BackendAddresses(
    new Addresses({ refreshMs: config.resolveInterval, onMove: () => addresses.moved(), probe: false, log }),
  );
  const driver: TraefikDriver = new TraefikDriver({
    config: dynamic,
    templates,
    inUse,
    host,
    marker,
    deployment: new Deployment({
      file: new DynamicFile(parts.place),
      host,
      marker,
      rehearse: parts.rehearse,
      patienceMs: parts.patienceMs,
      log,
    }),
    addresses,
    errorLog: parts.errorLog,
    accessLog: config.activity && accessLog ? { ...accessLog, keyOf: (router) => dynamic.keyOf(router) } : undefined,
    certificates,
    renderStatic: parts.renderStatic,
    placeTls: () => parts.placeTls(certificates),
    refuses: (route) => refuses(route, settings),
    events,
  });
  return driver;
}
