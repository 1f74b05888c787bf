import type { Config } from '../../config/schema.ts';
import { Templates } from '../../render/templates.ts';
import { Certificates } from '../../rollout/certificates.ts';
import { openTemplates } from '../../rollout/open-templates.ts';
import { Rollout } from '../../rollout/rollout.ts';
import type { Log } from '../../system/log.ts';
import { Addresses } from '../addresses.ts';
import type { Driver, DriverEvents } from '../driver.ts';
import { ProxyDriver } from '../proxy-driver.ts';
import { TraefikAdapter } from './adapter.ts';
import { BackendAddresses } from './backend-addresses.ts';
import { traefikCatalogue } from './catalogue.ts';
import { createManaged } from './create-managed.ts';
import { createSidecar } from './create-sidecar.ts';
import { DynamicConfig, refuses } from './dynamic.ts';
import { type TraefikConfiguration, TraefikPlacement } from './placement.ts';
import { TRAEFIK_FILTERS } from './quote.ts';
import { dynamicSettings } from './settings.ts';
import { checkSupported } from './supported.ts';

/** Traefik builds some 5,000 routers a second on a quiet machine. */
const ROUTER_MS = 2;

/** Puts the Traefik driver together from the configuration. Makes its folders; starts nothing. */
export async function createTraefikDriver(config: Config, events: DriverEvents, log: Log): Promise<Driver> {
  for (const warning of checkSupported(config)) log.warn({}, warning);
  const templates = openTemplates({
    catalogue: traefikCatalogue,
    config,
    make: (files) => new Templates(files, TRAEFIK_FILTERS),
    log,
  });
  const input = { onDrift: (reason: string) => events.onDrift(reason, false), log };
  const parts = config.managed
    ? await createManaged(config, () => templates.inUse, input)
    : await createSidecar(config, input);
  const { host, marker, token, accessLog } = parts;

  const settings = dynamicSettings(config, token, host.version, parts.pemFiles);
  if (config.traefikTree && !settings.tree) {
    log.warn(
      { version: host.version?.text },
      'this Traefik has no sound routers in layers (3.6.2): the more routes, the dearer a request',
    );
  }
  const dynamic = new DynamicConfig(templates.inUse, settings);
  const certificates = new Certificates(config, () => driver.certificatesRenewed(), log);
  const addresses = new BackendAddresses(
    new Addresses({ refreshMs: config.resolveInterval, onMove: () => addresses.moved(), probe: false, log }),
  );
  const placement = new TraefikPlacement(parts.places, parts.rehearse);
  const rollout = new Rollout<TraefikConfiguration>({
    proxy: 'Traefik',
    host,
    placement,
    served: () => marker.served(),
    flaw: () => host.leftOut(),
    silence: () => host.silence(),
    hearsRefusals: () => config.managed,
    patience: { baseMs: parts.patienceMs, rowMs: ROUTER_MS },
    log,
  });
  const adapter = new TraefikAdapter({
    config: dynamic,
    renderStatic: parts.renderStatic,
    renderTls: (made) => parts.renderTls(made, certificates.digest),
    host,
    marker,
    placement,
    rollout,
    addresses,
    refuses: (route) => refuses(route, settings),
  });
  const driver: ProxyDriver<Templates, TraefikConfiguration> = new ProxyDriver({
    adapter,
    host,
    rollout,
    templates,
    certificates,
    placePem: () => parts.placePem(certificates),
    errorLog: parts.errorLog,
    accessLog: config.activity && accessLog ? { ...accessLog, keyOf: (router) => dynamic.keyOf(router) } : undefined,
    events,
  });
  return driver;
}
