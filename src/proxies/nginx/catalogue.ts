import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../package-root.ts';
import {
  type Catalogue,
  settingsGroup,
  snippet,
  type TemplateInfo,
  type VariableGroup,
} from '../../render/catalogue.ts';
import {
  ErrorLocationVariables,
  ErrorPageVariables,
  ProxyVariables,
  RouteVariables,
  Settings,
  ShapeVariables,
} from './variables.ts';

const settings = settingsGroup(Settings);
const table: VariableGroup = { title: 'table', about: 'What changes with the routes.', schema: ShapeVariables };
const route: VariableGroup = { title: 'route', about: 'One route.', schema: RouteVariables };
const errorPage: VariableGroup = { title: 'error page', about: 'One error page.', schema: ErrorPageVariables };
const errorLocation: VariableGroup = { title: 'location', about: 'One error page.', schema: ErrorLocationVariables };
const proxying: VariableGroup = { title: 'proxying', about: 'One of the two locations.', schema: ProxyVariables };

const part = (about: string, ...more: VariableGroup[]): TemplateInfo => ({ about, gets: [settings, table, ...more] });

export const nginxCatalogue: Catalogue = {
  proxy: 'nginx',
  ours: join(PACKAGE_ROOT, 'templates/nginx'),
  templates: {
    'snippets/main.conf': snippet('The outermost level of nginx.conf; not in a sidecar.', settings),
    'snippets/http.conf': snippet('In the http block: zones, maps, servers of your own.', settings),
    'snippets/server.conf': snippet(
      'In the public server: response headers, limits, locations of your own, TLS.',
      settings,
    ),
    'snippets/location.conf': snippet(
      'Where requests go to a backend: authentication, rates, request headers.',
      settings,
    ),
    'snippets/redirect.conf': snippet('In the server of --redirect.', settings),
    'error.html': { about: 'The plain error page.', gets: [errorPage] },
    'nginx.conf': part('The frame of an nginx that Signalbox starts.'),
    'settled-maps.conf': part('Finds routes that have not changed since the rendering.'),
    'signalbox.conf': part('Everything in the http block: maps, the public server, the control server.'),
    'access-log.conf': part('The log format that last_activity is read from.'),
    'backend-tls.conf': part('TLS towards backends.'),
    'control-server.conf': part('The server on which Signalbox asks nginx what it serves.'),
    'cut-prefix-maps.conf': part('For --no-include-prefix.'),
    'error-location.conf': part('Where one error page comes from.', errorLocation),
    'error-pages.conf': part('Which status has which error page.'),
    'find-target.conf': part('Finds the route of a request.'),
    'header-maps.conf': part('What backends are told about the client.'),
    'inherited.conf': part('What the http block around it may not change in our servers.'),
    'link-map.conf': part('Reads the links of the live table.'),
    'lookup-maps.conf': part('Finds keys in rendered rows.'),
    'proxy.conf': part('How requests are proxied.', proxying),
    'public-tls.conf': part('TLS of the public side.'),
    'redirect-server.conf': part('The server of --redirect.'),
    'refused-requests.conf': part('Requests that could be read in two ways.'),
    'upstream-maps.conf': part('Where a target leads; kept connections.'),
    'route.conf': { about: 'A route in the configuration itself.', gets: [route] },
  },
  filters: {
    nginx: 'Quotes a string for a parameter in which nginx evaluates variables; none in the string is.',
    nginx_literal: 'Quotes a string for a parameter in which nginx evaluates none.',
    without: 'Leaves out the lines whose directive its parameter, a snippet, has as well.',
  },
};
