import type { OfflineProxy } from '../offline-proxy.ts';
import { refusalOf } from '../refusals.ts';
import { nginxCatalogue } from './catalogue.ts';
import { checkNginx } from './check.ts';
import { descriptorsOf, offlineRendering, offlineShape, pinsOf } from './offline-rendering.ts';
import { refuses } from './refuses.ts';
import { nginxPaths } from './settings.ts';

/** nginx without a daemon. */
export const nginxOffline: OfflineProxy = {
  catalogue: nginxCatalogue,

  async render(config, routes) {
    const given = [...routes].map(([key, { target }]) => ({ key, target }));
    const refused = await refusalOf(given, (route) => refuses(route));
    if (refused) throw refused;
    const { rendering } = await offlineRendering(config);
    const descriptors = await descriptorsOf(routes);
    const rendered = rendering.configOf(await offlineShape(config, descriptors), pinsOf(config, routes, descriptors));
    return {
      files: { ...rendered.files, 'routes.txt': listing(descriptors) },
      inPlace: `${nginxPaths(config.stateDir).dir}/current`,
      comparable: (text) => text.replace(/^(# Digest )\w+|("digest":")\w+|(\/settled-)[0-9a-f]+/gm, '$1$2$3…'),
    };
  },

  check: checkNginx,
};

/** The live table is links, not text: this says where each leads. */
function listing(descriptors: ReadonlyMap<string, string>): string {
  return [...descriptors]
    .map(([key, descriptor]) => `${JSON.stringify(key)} -> ${descriptor}\n`)
    .sort()
    .join('');
}
