import type { Config } from '../../config/schema.ts';
import { templatesOf } from '../../render/template-files.ts';
import { Certificates } from '../../rollout/certificates.ts';
import { findProgram } from '../../system/find-program.ts';
import { Addresses } from '../addresses.ts';
import type { OfflineRoute } from '../offline-proxy.ts';
import { oneAuthority } from './authorities.ts';
import type { RowRenderer } from './beside-rows.ts';
import { nginxCatalogue } from './catalogue.ts';
import type { Descriptor } from './descriptor.ts';
import { Pins } from './pins.ts';
import { Rendering } from './rendering.ts';
import { descriptorOf, lookUp } from './resolver.ts';
import { nginxPaths, nginxSettings } from './settings.ts';
import { settleRows } from './settled-rows.ts';
import { NginxTable } from './table.ts';
import { parseTarget } from './target.ts';
import type { NginxSettings } from './variables.ts';
import { readBuild } from './version.ts';
import { workerUser } from './worker-user.ts';

const silent = { info() {}, warn() {}, error() {} };

/** Everything that the daemon would render with; `change` may replace settings. */
export async function offlineRendering(config: Config, change = (settings: NginxSettings) => settings) {
  const nginx = findProgram(config.nginx);
  const build = nginx === undefined ? undefined : await readBuild(nginx);
  const user = config.managed ? (workerUser(config.nginxUser)?.directive ?? null) : null;
  const certificates = new Certificates(config, () => {}, silent);
  const paths = nginxPaths(config.stateDir);
  const settings = change({
    ...nginxSettings(config, config.public, user, paths),
    certificates: certificates.digest,
  });
  const context = { settings: () => settings, build, oneAuthority: oneAuthority(config, paths) };
  const files = templatesOf(nginxCatalogue, config.templates);
  return { nginx, paths, rendering: new Rendering(files, context) };
}

/** Where each route leads; host names are looked up, as the daemon does. */
export async function descriptorsOf(routes: ReadonlyMap<string, OfflineRoute>): Promise<Map<string, Descriptor>> {
  const addresses = new Addresses({ refreshMs: 3_600_000, onMove() {}, log: silent });
  const targets = [...routes].map(([key, { target }]) => [key, parseTarget(target)] as const);
  await lookUp(
    targets.map(([, target]) => target),
    addresses,
  );
  const descriptors = new Map(targets.map(([key, target]) => [key, descriptorOf(target, addresses)]));
  addresses.stop();
  return descriptors;
}

/** What the table would put into the configuration for these routes. */
export async function offlineShape(config: Config, descriptors: ReadonlyMap<string, Descriptor>) {
  const routes = new NginxTable({ hostRouting: config.hostRouting });
  await routes.layOut(descriptors);
  const { pin, managed, nginxPidFile, reloadCommand } = config;
  const canReload = managed || nginxPidFile !== undefined || reloadCommand !== undefined;
  const settled = pin && canReload ? await settleRows(descriptors) : undefined;
  return (renderer: RowRenderer) => routes.shape(renderer, settled);
}

export function pinsOf(
  config: Config,
  routes: ReadonlyMap<string, OfflineRoute>,
  descriptors: ReadonlyMap<string, Descriptor>,
): string[] {
  const lastActivity = (key: string) => Date.parse(routes.get(key)?.last_activity ?? '') || 0;
  return new Pins(config.pin ? config.pinMax : 0).wanted(descriptors, { requests: () => 0, lastActivity });
}
