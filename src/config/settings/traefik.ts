import { oneOf, optional, withDefault } from '../setting.ts';

/** Names of Traefik's own objects, such as `websecure` or `auth@file`. */
const names = {
  pattern: /^[\w.@/-]+( *, *[\w.@/-]+)*$/,
  want: 'names with commas between them, such as auth@file,headers@docker',
} as const;
const name = { pattern: /^[\w.@/-]+$/, want: 'a name such as modern@file' } as const;

/** The Traefik: one of our own (managed), or one that someone else runs (sidecar). */
export const traefik = {
  traefik: withDefault('path', 'traefik', 'The Traefik to run: a path, or a name that is looked up in PATH.', {
    command: true,
  }),
  'traefik-user': withDefault('string', 'nobody', 'User whom Traefik runs as when Signalbox runs as root.', {
    pattern: /^[a-z_][a-z0-9_.-]*$/i,
    want: 'the name of a user such as www-data',
  }),
  'traefik-tree': withDefault(
    'boolean',
    'true',
    'Routers in layers, so that a request costs the same with many routes; needs Traefik 3.6.2.',
  ),
  'traefik-dashboard': optional(
    'address',
    "Where Traefik's API and dashboard listen, without a password; else nowhere.",
  ),
  'traefik-dir': optional('path', 'Sidecar: folder that Traefik watches (providers.file.directory).'),
  'traefik-prefix': withDefault('string', 'signalbox', 'First part of the names of all our objects and files there.', {
    pattern: /^[a-z][a-z0-9-]{0,31}$/,
    want: 'lower-case letters, digits and dashes, such as signalbox',
  }),
  'traefik-file-mode': oneOf(['600', '640', '644'], '644', 'Sidecar: mode of our files in that folder.'),
  'traefik-entry-points': withDefault('string', 'web', 'Sidecar: entry points that the routes are served on.', names),
  'traefik-url': optional('url', 'Sidecar: URL of one of them, where Signalbox asks what Traefik serves.'),
  'traefik-api': optional(
    'url',
    "Sidecar: URL of Traefik's API, which tells its version and which routers it left out.",
  ),
  'traefik-rule': optional('string', 'Sidecar: what requests must match besides, such as Host(`hub.example`).'),
  'traefik-tls': withDefault('boolean', 'false', 'Sidecar: our routers are for TLS alone.'),
  'traefik-tls-options': optional('string', "Sidecar: the operator's TLS options for them.", name),
  'traefik-cert-resolver': optional('string', 'Sidecar: the resolver that gets their certificates.', name),
  'traefik-middlewares': optional('string', "Sidecar: the operator's middlewares in front of every route.", names),
  'traefik-access-log': optional('path', "Sidecar: Traefik's access log, which must be JSON and tell RouterName."),
};
