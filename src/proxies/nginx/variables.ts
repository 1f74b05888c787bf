import Type, { type Static } from 'typebox';
import { count, flag, maybeObject, maybeText, object, objects, text, texts } from '../../render/variable-types.ts';

/** What follows from the configuration alone. */
export const Settings = Type.Object({
  listen: texts('Addresses of the public side, as `listen` takes them'),
  tcp: flag('Whether those are no unix socket'),
  host_routing: flag('--host-routing'),
  public_tls: maybeObject(
    {
      cert_file: text('Copy of --ssl-cert'),
      key_file: text('The same file, which holds the key too'),
      password_file: maybeText('File with the passphrase of the key'),
      client_ca: maybeText('Authorities of client certificates, where users must have one'),
      protocols: text('For `ssl_protocols`'),
      ciphers: maybeText('--ssl-ciphers'),
      dhparam: maybeText('Copy of --ssl-dhparam'),
      http2: flag('--http2'),
    },
    'TLS of the public side; null where it speaks plain HTTP',
  ),
  redirect: maybeObject(
    {
      listen: texts('Addresses of the server that redirects'),
      port: text('What follows the host in the new URL: nothing, or `:8443`'),
    },
    '--redirect, from HTTP to HTTPS',
  ),
  tls: Type.Object(
    {
      verify: flag('Whether https backends are verified'),
      ca_file: text('Authorities to verify them with'),
      cert_file: maybeText('Copy of --client-ssl-cert'),
      key_file: maybeText('The same file, which holds the key too'),
    },
    { description: 'TLS towards backends' },
  ),
  error_target: maybeText('Host header for --error-target'),
  error_path: maybeText('--error-path'),
  x_forward: flag('--x-forward'),
  prepend_path: flag('--prepend-path'),
  include_prefix: flag('--include-prefix'),
  auto_rewrite: flag('--auto-rewrite'),
  change_origin: flag('--change-origin'),
  protocol_rewrite: maybeText('--protocol-rewrite'),
  custom_names: texts('Names of --custom-header, in lower case'),
  custom_headers: objects({ name: text('Its name'), value: text('Its value') }, '--custom-header'),
  header_aliases: texts('Spellings with underscores of headers that the proxy sets'),
  client_timeout: maybeText('--timeout, as nginx takes it (`5000ms`)'),
  proxy_timeout: maybeText('--proxy-timeout'),
  keepalive_timeout: text('How long idle client connections stay open: a second longer than clients are told'),
  keepalive_hint: text('--keep-alive-timeout in whole seconds, what clients are told'),
  user: maybeText("User and group of nginx's workers; null when Signalbox is not root"),
  worker_processes: text('--worker-processes'),
  max_open_files: count('The limit of open files'),
  worker_connections: count('Derived from it'),
  run_dir: text('Folder of the live table'),
  temp_dir: text("Folder of nginx's temporary files"),
  control_socket: text('Unix socket on which Signalbox asks nginx what it serves'),
  pid_file: text("nginx's pid file"),
  error_log: text("nginx's error log"),
  access_log: maybeText('The log for last_activity; null with --no-activity'),
  certificates: text('Hash of the certificate files, so that renewed ones make another configuration'),
});

const pathPattern = {
  depth: count('Segments of the key'),
  source: text('Where they are cut from'),
  pattern: text('Regular expression'),
  value: text('What of it is the key'),
};

/** What changes with the table, and what is worked out of the rest. */
export const ShapeVariables = Type.Object({
  digest: text('Of the configuration; nginx answers with it on the control socket'),
  depths: objects(pathPattern, 'Depths of keys in the live table'),
  keys: objects(pathPattern, 'Depths of keys in rendered rows'),
  lookups: objects(
    { depth: count('Segments of its keys'), name: text('Part of its variables'), rows: text('Of route.conf') },
    'Rendered rows, one map each',
  ),
  settled: maybeObject(
    {
      depth: count('How many segments of a changed key are marked'),
      root: text('Where the root route leads'),
      layers: objects(
        {
          depth: count('Segments of its keys'),
          name: text('Part of its variables'),
          rows: text('Keys, and where they lead'),
          capitals: flag('Whether its keys have capitals, and are compared once more'),
        },
        'Maps, of which the last one that has a row wins',
      ),
    },
    'The routes as they were when this was rendered; null where the live table alone is asked',
  ),
  cut_depths: objects(
    { depth: count('Segments of a key'), segments: count('Of these in the path') },
    'For --no-include-prefix',
  ),
  pins: objects(
    {
      name: text('Name of its upstream block'),
      origin: text('Scheme and address'),
      server: text('For `server`'),
      url: text('For `proxy_pass`'),
    },
    'Targets with an upstream block',
  ),
  prefix: text("`$signalbox_prefix`, the path of a route's target, or nothing"),
  http2_listen: text('The parameter of `listen` for older versions of nginx'),
  http2_directive: text('The directive for newer ones'),
  keepalive_min_timeout: maybeText(
    'How long an idle connection stays open over a reload; null where nginx is too old for it',
  ),
  switched_off: texts('Directives to switch off, of parts that this nginx has'),
  answer_buffer: text(
    'How long the head of an answer can be, and in which pieces its body is read: large ones are slow with musl, which gets them from ' +
      'the kernel and gives them back for each request',
  ),
  error_pages: objects({ code: count('Status'), html: text('error.html, rendered for it') }, 'Plain error pages'),
  map_hash_max_size: count('Fits the table'),
  map_hash_bucket_size: count('Fits the longest key'),
  snippets: Type.Object(
    {
      main: text('snippets/main.conf, rendered'),
      http: text('snippets/http.conf, rendered'),
      server: text('snippets/server.conf, rendered'),
      location: text('snippets/location.conf, rendered'),
      redirect: text('snippets/redirect.conf, rendered'),
    },
    { description: 'The snippets; not known within snippets' },
  ),
});

/** What templates are told about the configuration. */
export type NginxSettings = Static<typeof Settings>;

/** Every template but the snippets, error.html and route.conf gets all of these. */
export const Variables = Type.Object({ ...Settings.properties, ...ShapeVariables.properties });
export type NginxVariables = Static<typeof Variables>;

/** Of error.html. */
export const ErrorPageVariables = Type.Object({
  code: count('Status: 404, 500 or 503'),
  title: text('Its name, `Not Found`'),
  text: text('One sentence'),
});

/** Of route.conf, which is rendered once for each route that fits no path. */
export const RouteVariables = Type.Object({
  key: text("The route's key"),
  row: text('What nginx has to find for it: the key, a line break, and what leads to the target'),
});

/** Given by the template that renders them. */
export const ErrorLocationVariables = Type.Object({
  page: object({ code: count('Status'), html: text('error.html, rendered for it') }, 'One page'),
});
export const ProxyVariables = Type.Object({
  keepalive: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    description: 'TCP keepalive towards the backend',
  }),
});
