import { join } from 'node:path';
import { templatesOf } from '../../render/template-files.ts';
import { Templates } from '../../render/templates.ts';
import { Certificates } from '../../rollout/certificates.ts';
import { findProgram } from '../../system/find-program.ts';
import type { OfflineProxy } from '../offline-proxy.ts';
import { pathsOf } from '../pem-copies.ts';
import { refusalOf } from '../refusals.ts';
import { traefikCatalogue } from './catalogue.ts';
import { checkTraefik } from './check.ts';
import { DynamicConfig, refuses } from './dynamic.ts';
import { MARKER_HEADER } from './marker.ts';
import { knownMarkerPlace } from './marker-place.ts';
import { TRAEFIK_FILTERS } from './quote.ts';
import { dynamicSettings, staticSettings } from './settings.ts';
import { withVersion } from './static-file.ts';
import { checkSupported } from './supported.ts';
import { namedPemFiles, tlsRenderer, traefikPem } from './tls.ts';
import { readVersion } from './version.ts';

const silent = { info() {}, warn() {}, error() {} };

/** Traefik without a daemon. */
export const traefikOffline: OfflineProxy = {
  catalogue: traefikCatalogue,

  async render(config, routes) {
    checkSupported(config);
    const templates = new Templates(templatesOf(traefikCatalogue, config.templates), TRAEFIK_FILTERS);
    const program = config.managed ? findProgram(config.traefik) : undefined;
    const version = program === undefined ? undefined : await readVersion(program);
    const dir = join(config.stateDir, 'traefik');
    const place = knownMarkerPlace(join(dir, 'marker.json')) ?? { token: 'made-at-the-first-start', port: 0 };
    const pem = config.managed
      ? pathsOf(traefikPem(config, config.certificates), join(dir, 'pem'))
      : namedPemFiles(config);
    const settings = dynamicSettings(config, place.token, version, pem);

    const dynamic = new DynamicConfig(templates, settings);
    const table = [...routes].map(([key, route]) => ({ key, target: route.target, data: JSON.stringify(route) }));
    const refused = await refusalOf(table, (route) => refuses(route, settings));
    if (refused) throw refused;
    dynamic.replace(table);
    const text = dynamic.frame()('0');
    const comparable = (file: string) => file.replace(new RegExp(`^( {10}"${MARKER_HEADER}": )"\\w+"$`, 'm'), '$1"…"');
    if (!config.managed)
      return { files: { [`${config.traefikPrefix}.yml`]: text }, inPlace: config.traefikDir ?? dir, comparable };

    const paths = {
      watched: join(dir, 'dynamic'),
      errorLog: join(dir, 'error.log'),
      accessLog: join(dir, 'access.log'),
    };
    const { digest } = new Certificates(config, () => {}, silent);
    return {
      files: {
        'static.yml': withVersion(
          templates.render('static.yml', staticSettings(config, config.public, place.port, version, paths)),
          version,
        ),
        'dynamic/routes.yml': text,
        'dynamic/tls.yml': tlsRenderer(config, config.public.port, join(dir, 'pem'), pem)(templates, digest),
      },
      inPlace: dir,
      comparable,
    };
  },

  check: checkTraefik,
};
