import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../package-root.ts';
import { type Catalogue, settingsGroup, snippet, type VariableGroup } from '../../render/catalogue.ts';
import {
  DynamicSettings,
  DynamicVariables,
  RouterVariables,
  ServiceVariables,
  StaticVariables,
  TlsVariables,
  TransportVariables,
} from './variables.ts';

const settings = settingsGroup(DynamicSettings);
const file: VariableGroup = { title: 'table', about: 'What changes with the routes.', schema: DynamicVariables };
const router: VariableGroup = { title: 'router', about: 'One router.', schema: RouterVariables };
const service: VariableGroup = { title: 'service', about: 'One target.', schema: ServiceVariables };
const transport: VariableGroup = {
  title: 'transport',
  about: 'Connections of one kind.',
  schema: TransportVariables,
};
const start: VariableGroup = { title: 'static', about: 'What Traefik is started with.', schema: StaticVariables };
const tls: VariableGroup = { title: 'tls', about: 'TLS of the public side.', schema: TlsVariables };

export const traefikCatalogue: Catalogue = {
  proxy: 'traefik',
  ours: join(PACKAGE_ROOT, 'templates/traefik'),
  templates: {
    'snippets/middlewares.yml': snippet('Middlewares of your own.', settings),
    'snippets/routers.yml': snippet('Routers of your own.', settings),
    'snippets/services.yml': snippet('Services of your own.', settings),
    'snippets/dynamic.yml': snippet('Whatever else belongs into the dynamic file.', settings),
    'dynamic.yml': { about: 'The dynamic file, with all routes.', gets: [settings, file] },
    'router.yml': { about: 'One router.', gets: [settings, router] },
    'router-tls.yml': { about: 'TLS of a router.', gets: [settings] },
    'service.yml': { about: 'One target.', gets: [settings, service] },
    'middlewares.yml': { about: 'What requests and answers go through.', gets: [settings, file] },
    'transport.yml': { about: 'Connections to backends.', gets: [settings, file, transport] },
    'static.yml': { about: 'The static file of a Traefik that Signalbox starts.', gets: [start] },
    'tls.yml': { about: 'Certificates and TLS of the public side.', gets: [tls] },
  },
  filters: {
    yaml: 'Quotes a string, or each of a list, for YAML and for the templates of Go that Traefik sends it through.',
  },
};
