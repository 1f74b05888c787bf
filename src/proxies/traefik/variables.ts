import Type, { type Static } from 'typebox';
import {
  counts,
  flag,
  maybeCount,
  maybeObject,
  maybeText,
  object,
  objects,
  text,
  texts,
} from '../../render/variable-types.ts';

/** What rendering the dynamic file needs to know besides the routes. */
export const DynamicSettings = Type.Object({
  name_prefix: text('All names of ours begin with it and a dash: `signalbox`'),
  tree: flag('Routers as a tree (`parentRefs`, Traefik 3.6 and later), else all side by side'),
  choose_error_headers: flag(
    'Whether this Traefik can be told which headers go to the error target (3.6.15 and later)',
  ),
  service_middlewares: flag('Whether services of this Traefik can have middlewares (3.7 and later)'),
  entry_points: texts('Names of the entry points that the routes are served on'),
  tls: maybeObject(
    { options: maybeText('--traefik-tls-options'), cert_resolver: maybeText('--traefik-cert-resolver') },
    "TLS on those entry points; null: none, or the entry point's own",
  ),
  middlewares: texts("The operator's own, such as `auth@file`, in their order; in front of everything of ours"),
  rule: maybeText('What a request must match besides, such as "Host(`hub.example`)"'),
  marker: object(
    { token: text('A secret, from `[A-Za-z0-9_-]`'), entry_point: text('Where it is asked for') },
    'Where Signalbox asks for the generation',
  ),
  health: flag('Answer `/_chp_healthz`; needs `ping: { manualRouting: true }` in the static configuration'),
  host_routing: flag('--host-routing'),
  sanitize_path: flag(
    "Whether the entry point merges slashes and resolves dot segments: Traefik's default; ours is false",
  ),
  include_prefix: flag('--include-prefix'),
  prepend_path: flag('--prepend-path'),
  x_forward: flag('--x-forward'),
  keep_forwarded: flag('Without --x-forward: whether X-Forwarded-* that came pass (3.7 and later)'),
  change_origin: flag('--change-origin'),
  custom_headers: objects({ name: text('Its name'), value: text('Its value') }, '--custom-header'),
  header_aliases: texts('Spellings with underscores of headers that the proxy sets'),
  error_target: maybeText('URL that error pages are asked from'),
  backend_tls: object(
    {
      verify: flag('Whether https backends are verified'),
      ca_file: maybeText('Authorities to verify them with'),
      cert_file: maybeText('Copy of --client-ssl-cert, or in a sidecar that itself'),
      key_file: maybeText('Copy of --client-ssl-key, or in a sidecar that itself'),
    },
    'TLS towards backends; files as Traefik sees them',
  ),
  proxy_timeout_ms: maybeCount('Milliseconds that a backend may be silent before its answer'),
});
export type TraefikSettings = Static<typeof DynamicSettings>;

/** What dynamic.yml gets besides. */
export const DynamicVariables = Type.Object({
  digest: text('Of the file; Traefik answers with it when it serves the file'),
  routers: text('Of router.yml, all of them'),
  services: text('Of service.yml, all of them'),
  cuts: counts('Numbers of segments that --no-include-prefix cuts off'),
  error: maybeObject({ url: text('Of the service'), query: text('Path and query of the page') }, '--error-target'),
  error_codes: counts('Errors of ours that have a page'),
  tidy: text('Regular expression of what is put right in odd paths'),
  second_slash: maybeText('Regular expression of paths whose second slash is encoded and parts a routespec'),
  snippets: object(
    {
      routers: text('snippets/routers.yml, rendered'),
      middlewares: text('snippets/middlewares.yml, rendered'),
      services: text('snippets/services.yml, rendered'),
      dynamic: text('snippets/dynamic.yml, rendered'),
    },
    'The snippets; not known within snippets',
  ),
  marker_rule: text('Rule of the router on which Signalbox asks'),
  marker_header: text('Header of its answer'),
});

/** What router.yml gets besides the settings. */
export const RouterVariables = Type.Object({
  router: object(
    {
      name: text('Its name'),
      rule: text('Its rule'),
      priority: maybeCount("null: Traefik's own, the length of the rule"),
      parents: texts('Routers it stands behind; none: it stands on the entry points'),
      middlewares: texts('In their order'),
      service: maybeText('null for one that only leads to others'),
      logged: flag('Whether it is in the access log'),
    },
    'One router',
  ),
});

/** What service.yml gets besides the settings. */
export const ServiceVariables = Type.Object({
  service: object(
    {
      name: text('Its name'),
      url: text('Where it leads'),
      keep_path: flag("Whether the path of the URL goes in front of the request's"),
      h2c: flag('Whether the backend speaks HTTP/2 without TLS'),
    },
    'One target',
  ),
});

/** What transport.yml gets besides. */
export const TransportVariables = Type.Object({
  dial_timeout: text('How long connecting may take: `60s`'),
  answer_timeout_ms: maybeCount('Milliseconds until an answer has to begin; null: no limit'),
});

/** What static.yml gets. */
export const StaticVariables = Type.Object({
  public: object({ address: text('Where users come in'), tls: flag('Whether with TLS') }, 'The public side'),
  redirect: maybeObject({ address: text('Where it listens') }, '--redirect'),
  private_address: text('Where Signalbox asks what is served'),
  dashboard: maybeText('--traefik-dashboard'),
  health: flag('Answer `/_chp_healthz`'),
  encoded_characters: flag('Whether this Traefik has to be told which of them may be in a path'),
  keep_forwarded_for: flag('Leave X-Forwarded-For as it came'),
  directory: text('The folder that Traefik watches'),
  log_file: text("Traefik's own log"),
  access_log: maybeText('The log for last_activity; null with --no-activity'),
  keepalive_timeout: text('How long idle client connections stay open'),
  grace_timeout: text('How long running requests may take at the end'),
});

/** What tls.yml gets. */
export const TlsVariables = Type.Object({
  certificates: text('Hash of the files: with another one Traefik reads them again'),
  cert_file: text('Copy of --ssl-cert'),
  key_file: text('Copy of --ssl-key'),
  client_ca: maybeText('Authorities of client certificates, where users must have one'),
  min_version: text('`VersionTLS12`'),
  max_version: maybeText('Null: the newest'),
  cipher_suites: texts("In Go's names; none: Go's choice"),
  http2: flag('--http2'),
  redirect: maybeObject(
    { port: text('What follows the host in the new URL: nothing, or `:8443`') },
    '--redirect, whose entry point is in static.yml',
  ),
});
